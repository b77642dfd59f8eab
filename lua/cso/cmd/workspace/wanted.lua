--- Whether a command is about a whole workspace: every run asks, and few are.
local err = require "cso.std.err"

---@param opts table
---@return boolean? wanted
---@return cso.Err?   --only without --all
return function(opts)
  if opts.all then return true end
  if not opts.only then return false end
  return nil, err.new { code = "bad_option", class = "usage", message = "--only names a stack of a workspace",
    hint = "say --all, too" }
end
