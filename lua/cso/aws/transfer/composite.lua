--- The parts that an object was uploaded in, for objects whose checksum is one over theirs: who fetches
--- just these can check it.
local parts = require "cso.aws.transfer.parts"

local composite = {}

local PAGE = 1000

-- As the service lists them; it does so for parts that were uploaded with checksums.
local function listed(client, o, version, count)
  local list, at, marker = {}, 0, nil
  repeat
    local page = client:call("GetObjectAttributes", { Bucket = o.bucket, Key = o.key, VersionId = version,
      ObjectAttributes = { "ObjectParts" }, MaxParts = PAGE, PartNumberMarker = marker })
    local found = page and page.ObjectParts
    if not found or not found.Parts or #found.Parts == 0 then return nil end
    for _, part in ipairs(found.Parts) do
      if not part.Size then return nil end
      list[#list + 1] = { number = #list + 1, from = at, length = part.Size }
      at = at + part.Size
    end
    local further = found.NextPartNumberMarker
    if found.IsTruncated and (further == nil or further == marker) then return nil end
    marker = further
  until not found.IsTruncated
  return #list == count and list or nil, at
end

-- Who may not ask for attributes may ask for the first part: the others have its size, but for the last.
-- Whether that is so the answers say.
local function guessed(client, o, head, version, count)
  local first = client:call("HeadObject", { Bucket = o.bucket, Key = o.key, VersionId = version, PartNumber = 1,
    IfMatch = head.ETag })
  local size = first and first.ContentLength
  if not size or size <= 0 or first.PartsCount ~= count then return nil end
  local list = parts.of(head.ContentLength, size)
  if #list ~= count then return nil end
  for _, part in ipairs(list) do part.by_number = true end
  return list
end

--- The parts of an object; nil when they can't be known.
---@param client table
---@param o { bucket: string, key: string }
---@param head table      what HeadObject said
---@param count integer   how many there are
---@param surely boolean?  no guesses
---@return { number: integer, from: integer, length: integer, by_number: boolean? }[]?  by_number: the size is
---  a guess that asking for the part by its number confirms
function composite.parts(client, o, head, count, surely)
  local version = head.VersionId ~= "null" and head.VersionId or nil
  local list, size = listed(client, o, version, count)
  if list and size == head.ContentLength then return list end
  return not surely and guessed(client, o, head, version, count) or nil
end

return composite
