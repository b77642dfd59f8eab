--- The runs of a stack, as commands name them.
local err = require "cso.std.err"

local runs = {}

--- The run of an id, or of the beginning of one; "last" is the newest.
---@param store cso.Store
---@param id string
---@return table? run, cso.Err?
function runs.find(store, id)
  local ids, list, found = {}, store:runs(), {}
  if id == "last" and list[1] then return list[1] end
  for i, run in ipairs(list) do
    if run.id == id then return run end
    if #id >= 4 and run.id:sub(1, #id) == id then found[#found + 1] = run end
    ids[i] = run.id
  end
  if #found == 1 then return found[1] end
  local near = require("cso.std.suggest")(id, ids)
  return nil, err.new { code = "unknown_run", class = "usage",
    message = #found > 1 and ("%s begins the names of %d runs"):format(id, #found) or "there is no run " .. id,
    hint = near and ("did you mean %s?"):format(near) or "see csorun history" }
end

return runs
