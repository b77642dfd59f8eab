--- Only looking: what is remembered becomes what is there, and nothing in the account is changed. What was
--- applied stays what was applied, so the next plan still knows what differs; what is gone is forgotten.
local value = require "cso.std.value"

local refreshed = {}

--- What looking changes in the state.
---@class cso.Refreshed
---@field address string
---@field type string
---@field gone boolean
---@field changes table[]   of declared properties, { path, before = applied, after = there }
---@field learned boolean   further attributes are other ones

local function same(a, b)
  if value.is_secret(a) or value.is_secret(b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in next, a do
    if not same(v, b[k]) then return false end
  end
  for k in next, b do
    if a[k] == nil then return false end
  end
  return true
end

--- What differs, from everything that was read.
---@param read { record: cso.Record, model: table|false, drift: cso.Drift? }[]
---@return cso.Refreshed[]
function refreshed.of(read)
  local out = {}
  for _, one in ipairs(read) do
    local record, model = one.record, one.model
    local learned = model and not same(value.cover(model, record.declared), record.attributes) or false
    if not model or learned or one.drift then
      out[#out + 1] = { address = record.address, type = record.type, gone = not model,
        changes = one.drift and one.drift.changes or {}, learned = learned }
    end
  end
  return out
end

--- Writes it down.
---@param store cso.Store   locked
---@param read table[]      as for refreshed.of
---@return integer changed
function refreshed.keep(store, read)
  local n = 0
  store:together(function()
    for _, one in ipairs(read) do
      local record, model = one.record, one.model
      if not model then
        store:remove(record.address)
        n = n + 1
      elseif not same(value.cover(model, record.declared), record.attributes) then
        record.attributes = value.cover(model, record.declared)
        store:put(record)
        n = n + 1
      end
    end
  end)
  return n
end

return refreshed
