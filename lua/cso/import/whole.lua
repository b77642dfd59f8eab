--- Reading all that can be known of a thing. A kind spares itself the calls for what is not declared;
--- here nothing is declared yet, so every property is asked for with a value that says nothing.
local handle = require "cso.kind.handle"
local kind_calls = require "cso.kind.calls"
local task = require "cso.task"

local whole = {}

local nothing = {
  string = function() return "" end, boolean = function() return false end,
  list = function() return {} end, object = function() return {} end, map = function() return {} end,
  json = function() return {} end, union = function() return {} end, tag = function() return {} end,
}

--- A declaration of everything that says nothing.
---@param K cso.Kind
---@param hint table?   properties that are known already
---@return table
function whole.blank(K, hint)
  local out = {}
  for name, P in pairs(K.schema.properties) do
    local make = nothing[P.type.kind]
    out[name] = make and make() or nil
  end
  for name, v in pairs(hint or {}) do out[name] = v end
  return out
end

--- Reads one thing.
---@param opts { session: table, stack: string?, sleep: function?, now: function?, light: boolean? }
---@param item { type: string, id: string, kind: cso.Kind, target: table?, hint: table? }
---@return cso.Handle? handle  with `current`, false for what is not there any more, and `owner_tags`
---@return cso.Err?
function whole.read(opts, item)
  local r = handle.new {
    kind = item.kind, address = item.type .. " " .. item.id, type = item.type, id = item.id,
    target = item.target or {},
    desired = opts.light and (item.hint or {}) or whole.blank(item.kind, item.hint), stack = opts.stack or "",
    sleep = opts.sleep or task.sleep, now = opts.now or task.now, session = opts.session, own = {},
    invoke = kind_calls.plain(opts.session),
  }
  local model, e = item.kind:read(r)
  if model == nil then return nil, e end
  r.current = model
  return r
end

return whole
