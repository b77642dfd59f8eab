--- What a sync has to do: two walks in the order of names, side by side. Pure.
local compare = {}

--- Whether an item has to be copied over its counterpart, by the rules of AWS's own tool: another
--- size; or, up and within S3, a source that is newer; down, a file that is newer than the object
--- (whoever downloads it gets the object's time).
---@param from cso.cmd.s3.Item
---@param to cso.cmd.s3.Item
---@param kind "upload"|"download"|"copy"
---@param how { size_only: boolean?, exact_timestamps: boolean? }
---@return boolean
function compare.differs(from, to, kind, how)
  if from.size ~= to.size then return true end
  if how.size_only then return false end
  local source, target = math.floor(from.time), math.floor(to.time)
  if kind == "download" then
    if how.exact_timestamps then return source ~= target end
    return target > source
  end
  return source > target
end

--- Walks both sides: what has to be copied, and, told to `extra`, what is only on the other side.
---@param from fun(): cso.cmd.s3.Item?
---@param to fun(): cso.cmd.s3.Item?
---@param kind "upload"|"download"|"copy"
---@param how table
---@param extra fun(item: cso.cmd.s3.Item)
---@return fun(): cso.cmd.s3.Item?
function compare.walk(from, to, kind, how, extra)
  local started, there = false, nil
  return function()
    if not started then started, there = true, to() end
    for here in from do
      while there and there.name < here.name do
        extra(there)
        there = to()
      end
      local other = there and there.name == here.name and there or nil
      if other then there = to() end
      if not other or compare.differs(here, other, kind, how) then return here end
    end
    while there do
      extra(there)
      there = to()
    end
  end
end

return compare
