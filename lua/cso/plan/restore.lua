--- What was deleted and left a last copy of what was in it is made again of that copy, when its deletion is undone.
local loss = require "cso.plan.loss"

local restore = {}

--- Whether what is there now is the very thing that was: some things have an id that was another's before.
---@param K cso.Kind
---@param now cso.Record
---@param record cso.Record
---@return boolean
function restore.is_same(K, now, record)
  local same = K.spec.restore and K.spec.restore.same
  return now.id == record.id and (not same or now.attributes[same] == record.attributes[same])
end

--- Gives a declaration `restores` ({ from = name, declared =, given = as of the record }) where there is a last copy
--- of what a run took away; says what is lost where it left one that is there no longer.
---@param decl table
---@param K cso.Kind
---@param row cso.Before
---@param current cso.Record?   what is there now
---@param handle_of fun(address: string, K: cso.Kind, record: cso.Record): cso.Handle   that reads
---@param texts string[]   what comes back without; is added to
function restore.declare(decl, K, row, current, handle_of, texts)
  local record, spec = row.before, K.spec.restore
  local went = row.action == "delete" or row.action == "replace"
  if not (spec and went and record.retain == "snapshot") or current and restore.is_same(K, current, record) then return end
  local from = spec.from(handle_of(decl.address, K, record))
  -- An earlier attempt of this undoing has done it.
  if from and current and current.restored_from == from then return end
  if from then
    decl.restores = { from = from, declared = record.declared, given = record.keeps or record.given }
  else
    texts[#texts + 1] = ("%s: no last snapshot of it is there any more"):format(loss.of_type(K) or "what is in it")
  end
end

return restore
