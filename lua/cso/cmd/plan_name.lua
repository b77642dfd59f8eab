--- How a saved plan is told from a playbook: by its name, without reading either.

--- True when a word of the command line names a saved plan.
---@param path string?
---@return boolean
return function(path)
  return path ~= nil and path:match("%.json$") ~= nil
end
