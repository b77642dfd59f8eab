--- How a resource is written down. No secret is written: where one stood stands its salted digest,
--- enough to see that it changed, and the address of what keeps the value for us.
local json = require "cso.std.json"
local value = require "cso.std.value"

local records = {}

---@class cso.Record
---@field address string
---@field type string
---@field id string
---@field declared table        properties as last applied, resolved
---@field attributes table      everything the last read or write taught us
---@field target table          { region=, profile=, role= }
---@field depends string[]
---@field protect boolean?
---@field retain boolean|"snapshot"|nil
---@field timeouts table<string, string>?  "create", "update", "delete" -> "40m"
---@field native boolean        which kind made it: its service's API, or Cloud Control
---@field status "ready"|"partial"|"tainted"
---@field generation integer?   how often its made-up name was made anew
---@field restored_from string?  the copy that it was made of, when its deletion was undone
---@field ignore string[]?      what of it is left to others
---@field accepted table<string, cso.Accepted>?  deviations from what is declared that were accepted
---@field keeps table?          address -> id: the makings of secrets that this one keeps the values of
---@field given table?          address -> id: the makings of secrets that this one has, and keeps for nobody
---@field vault table?          secret path -> { address=, property= }: who keeps it

--- A tree that may hold secrets as one that may be written.
---@param tree any
---@param salt string
---@return any
function records.pack(tree, salt)
  if type(tree) ~= "table" then return tree end
  if value.is_secret(tree) then
    local info = value.secret_info(tree)
    local packed = { ["$secret"] = info.digest or value.digest(salt, value.reveal(tree)) }
    if info.origin then packed["$origin"] = info.origin end
    -- The digest of one that came from another state was made with that one's salt.
    if info.digest and info.salt ~= salt then packed["$salt"] = info.salt end
    return packed
  end
  if value.is_ref(tree) or value.is_unknown(tree) then return nil end
  local out = {}
  for k, v in next, tree do out[k] = records.pack(v, salt) end
  return setmetatable(out, getmetatable(tree))
end

-- What came out of JSON has no metatable that would answer.
local function unpack(tree, salt)
  local digest = tree["$secret"]
  if digest then return value.secret(nil, { digest = digest, salt = tree["$salt"] or salt, origin = tree["$origin"] }) end
  for k, v in next, tree do
    if type(v) == "table" then tree[k] = unpack(v, salt) end
  end
  return tree
end

--- The reverse: digests become secrets whose value is not at hand.
---@param tree any   out of JSON; becomes the result
---@param salt string
---@return any
function records.unpack(tree, salt)
  return type(tree) == "table" and unpack(tree, salt) or tree
end

---@param record cso.Record
---@param salt string
---@return string json
function records.encode(record, salt)
  -- Named here, what every record has has its place from the beginning.
  local packed = { address = nil, type = nil, id = nil, declared = nil, attributes = nil, target = nil,
    depends = nil, native = nil, status = nil }
  for k, v in pairs(record) do
    if k ~= "attributes" then packed[k] = records.pack(v, salt) end
  end
  packed.attributes = records.pack(value.cover(record.attributes, record.declared), salt)
  return json.encode(packed)
end

---@param text string
---@param salt string
---@return cso.Record?, table? error
function records.decode(text, salt)
  local record, e = json.decode(text)
  if type(record) ~= "table" then return nil, e end
  -- Most hold no secret: then there is nothing to look for in the tree.
  if not text:find("$secret", 1, true) then return record end
  -- Only these may hold one: the other fields are csorun's own words.
  record.attributes = records.unpack(record.attributes, salt)
  record.declared = records.unpack(record.declared, salt)
  record.accepted = records.unpack(record.accepted, salt)
  return record
end

local TEXT = {} -- where a record keeps the text of its attributes

-- What makes a record with secrets of a salt read its attributes.
local unread = setmetatable({}, { __mode = "v", __index = function(all, salt)
  local function read_on(record)
    local text = rawget(record, TEXT)
    record[TEXT] = nil
    setmetatable(record, nil)
    record.attributes = records.unpack(assert(json.decode(text)), salt)
  end
  local metatable = {
    __index = function(record, key)
      if key ~= "attributes" then return nil end
      read_on(record)
      return record.attributes
    end,
    __pairs = function(record)
      read_on(record)
      return next, record, nil
    end,
  }
  all[salt] = metatable
  return metatable
end })

--- As `decode`, but attributes are read when they are asked for. Then it is a record like any other.
---@param text string
---@param salt string
---@return cso.Record?, table? error
function records.skim(text, salt)
  local record, attributes, marked = json.skim(text, "attributes")
  if type(record) ~= "table" then return nil, attributes end
  if marked then
    record.declared, record.accepted = records.unpack(record.declared, salt), records.unpack(record.accepted, salt)
  end
  if not attributes then return record end
  record[TEXT] = attributes
  return setmetatable(record, unread[salt])
end

return records
