--- A module that is loaded when one of its fields is first used. A playbook that makes no call should
--- not pay for the client, nor one without templates for the template compiler.
---@param name string   as for require
---@return table         stands for the module; fields are looked up in it each time
return function(name)
  return setmetatable({}, {
    __index = function(self, key)
      local module = require(name)
      setmetatable(self, { __index = module })
      return module[key]
    end,
  })
end
