--- Conditions of resources: `pre` must hold before a thing is changed, `post` once it works. A
--- condition reads the thing's properties and attributes; one that needs what is not known yet has no
--- answer yet.
local err = require "cso.std.err"
local value = require "cso.std.value"

local condition = {}

local UNKNOWN = setmetatable({}, { __tostring = function() return "not known yet" end })

-- A look at a tree that raises UNKNOWN instead of handing out what is not known.
local function look(v)
  if value.is_unknown(v) or value.is_ref(v) then error(UNKNOWN, 0) end
  if type(v) ~= "table" or value.is_secret(v) then return v end
  return setmetatable({}, {
    __index = function(_, key) return look(v[key]) end,
    __newindex = function() error("a condition may look, and change nothing", 2) end,
    __len = function() return #v end,
    __pairs = function()
      local key
      return function()
        local item
        key, item = next(v, key)
        if key ~= nil then return key, look(item) end
      end
    end,
  })
end

local function place(node)
  return node.where and ("%s:%s"):format(node.where.file, node.where.line) or nil
end

local titles = { pre = "precondition", post = "postcondition" }

--- Asks the conditions of a node.
---@param node table                 with `options`, `address`, `where`
---@param moment "pre"|"post"
---@param tree table                 properties and attributes
---@return cso.Err? failure          class "policy"; nil when all hold or can't be known yet
---@return string[] open             texts of those that can't be known yet, sorted
function condition.ask(node, moment, tree)
  local list, open = node.options and node.options[moment], {}
  for _, one in ipairs(list or {}) do
    local ok, answer, hint = pcall(one.run, look(tree))
    if not ok and rawequal(answer, UNKNOWN) then
      open[#open + 1] = one.text
    elseif not ok then
      local e = err.wrap(answer, "usage")
      e.where = e.where or place(node)
      e.message = ("%s of %s can't be asked: %s: %s"):format(titles[moment], node.address, one.text, e.message)
      return e, open
    elseif not answer then
      return err.new { code = "condition_failed", class = "policy", where = place(node), text = one.text,
        message = ("%s of %s does not hold: %s"):format(titles[moment], node.address, one.text),
        hint = type(hint) == "string" and hint or nil }, open
    end
  end
  return nil, open
end

return condition
