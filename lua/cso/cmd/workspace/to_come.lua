--- What a stack's outputs are going to be: told by the process that plans it to those that plan the stacks which
--- read them, so that all plans of a workspace speak of the same values. A run over a workspace says where.
local deep = require "cso.std.deep"
local encryption = require "cso.cmd.encryption"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local json = require "cso.std.json"
local value = require "cso.std.value"

local to_come = {}

local AS = "outputs to come"

--- Keeps what the outputs of this process's stack are going to be.
---@param ctx cso.cmd.Context
---@param made table     the plan
---@param path string?   nil: nobody asked
---@return true? ok, cso.Err?
function to_come.keep(ctx, made, path)
  if not path then return true end
  local gone, later, values = {}, {}, {}
  for _, c in ipairs(made.output_changes or {}) do
    if c.gone then
      gone[#gone + 1] = c.path
    -- No secret leaves its process, and what it is made of is fetched when a call needs it.
    elseif c.unknown or value.is_sensitive(c.after) then
      later[#later + 1] = c.path
    else
      values[c.path] = c.after
    end
  end
  local text = json.encode { gone = json.array(gone), later = json.array(later), values = values }
  local sealer, e = encryption.of(ctx)
  if sealer then text, e = sealer:out(text, AS) end
  local ok
  if sealer and text then ok, e = fs.write_atomic(path, text, 384) end -- 0600
  if not ok then return nil, err.wrap(e, "config") end
  return true
end

--- The outputs of another stack as they are going to be.
---@param ctx cso.cmd.Context
---@param values table<string, any>   as its state has them
---@param path string?
---@return table<string, any>? values   those that are known
---@return table<string, true>|cso.Err|nil later   those that are not; nil: nobody has told
function to_come.over(ctx, values, path)
  if not path or not fs.stat(path) then return values, nil end
  local sealer, e = encryption.of(ctx)
  local text
  if sealer then text, e = fs.read(path) end
  if text then text, e = sealer:back(text, AS) end
  if not text then return nil, err.wrap(e, "config") end
  local told, out = json.decode(text), {}
  for _, known in ipairs { values, told.values } do
    for name, v in next, known do out[name] = v end
  end
  for _, name in ipairs(told.gone) do out[name] = nil end
  for _, name in ipairs(told.later) do out[name] = nil end
  return out, deep.index(told.later)
end

return to_come
