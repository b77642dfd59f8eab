--- What a simulated account holds, as text in which two accounts that hold the same are equal: what
--- the service makes up is replaced by what it stands for, an id of ours by its address in the playbook.
local hash = require "cso.std.hash"

local inventory = {}

-- Patterns of what is made up and has no row of its own, or none that bears our tags. The narrow ones stand
-- before the wide ones, and what takes a whole text before what finds something in it: a long random text
-- has by chance a part that looks like another id.
local MADE_UP = {
  { "^%w+$", function(s) if #s > 24 and s:find "%l" then return "<id>" end end },
  { "^%x%x:%x%x:%x%x:%x%x:%x%x:%x%x$", "<mac>" },
  { "ec2%-%d+%-%d+%-%d+%-%d+%.", "ec2-<address>." }, { "ip%-%d+%-%d+%-%d+%-%d+%.", "ip-<address>." },
  { "%-%w+%.eu%-west%-2%.elb", "-<id>.eu-west-2.elb" }, { "%.c%w+%.eu%-west%-2%.rds", ".<id>.eu-west-2.rds" },
  { "^d%w+%.cloudfront%.net$", "<id>.cloudfront.net" }, { "secret:([%w/_+=.@-]*)%-%w%w%w%w%w%w%f[%W]", "secret:%1-<id>" },
  { "^db%-[%u%d]+$", "db-<id>" }, { "%-final%-[%d-]+", "-final-<n>" },
  { "^Z[%u%d]+$", "Z<id>" }, { "^/hostedzone/Z[%u%d]+$", "/hostedzone/Z<id>" },
  { "%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x+", "<uuid>" },
  { "(vpce%-%x+)%-%x+%.", "%1-<id>." }, { "(>)%-%x%x%x%x%x%x%x%x%.", "%1-<id>." },
  { "(%a+%-)%x%x%x%x%x%x%x%x+", "%1<id>" },
  { "%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x+", "<hex>" }, { "(A%u%u%u)[%u%d]+", "%1<id>" },
  { "(%-)%d%d%d%d%d%d%d%d%d+", "%1<n>" }, { "%d+%.%d+%.%d+%.%d+$", "<address>" },
  { "^%x%x%x%x%x%x%x%x%x%x%x%x%x%x$", "<hex>" },
}

-- Private to the simulator, and not what was asked for: how a thing came to be, and secrets.
local HIDDEN = { _phases = true, _versions = true, _body = true, _secret = true, _token = true, _chain = true, _key = true }

-- What a service does whether it was told to or not, and the lengths of certificates.
local USUAL = { "s3/Object:.*%.Size = ", "TargetGroup%._attributes%.deregistration_delay%.timeout_seconds = 300$",
  "Bucket%._encryption%..*SSEAlgorithm = AES256$", "Bucket%._encryption%..*BucketKeyEnabled = false$" }

local function is_usual(line)
  for _, pattern in ipairs(USUAL) do
    if line:find(pattern) then return true end
  end
  return false
end

-- The address that a row's ownership tag names.
local function address_of(row)
  local tags = row.Tags or row._tags or row.UserPoolTags
  if type(tags) ~= "table" then return nil end
  if tags["cso:address"] then return tags["cso:address"] end
  for _, tag in ipairs(tags) do
    if tag.Key == "cso:address" then return tag.Value end
  end
end

-- Identifiers that were made up, and what a person would call them. What has a name of its own keeps it.
local function names_of(world)
  local names = {}
  for place, collection in next, world.store.places do
    for id, row in next, collection.rows do
      local address = type(id) == "string" and not place:find("/~", 1, true) and type(row) == "table" and address_of(row)
      local last = address and id:match("[^/:]+$")
      if last and (last:find("%x%x%x%x%x%x%x%x") or last:find("^Z[%u%d]+$") or last:find("_%w+$") or #last > 24) then
        names[id], names[last] = "<" .. address .. ">", "<" .. address .. ">"
      end
    end
  end
  return names
end

-- Two accounts that hold the same have nearly all their texts in common, once our ids are named.
local known, count, MANY = {}, 0, 100000

local function without_made_up(text)
  local out = known[text]
  if out then return out end
  out = text
  for _, rule in ipairs(MADE_UP) do out = out:gsub(rule[1], rule[2]) end
  if count >= MANY then known, count = {}, 0 end
  known[text], count = out, count + 1
  return out
end

--- A text of which what is made up is replaced by what it stands for.
---@param text string
---@param names table<string, string>   of ids of ours
---@return string
function inventory.plain(text, names)
  if names[text] then return names[text] end
  if text:find("%-%-%-%-%-BEGIN ") then return "<pem>" end
  return without_made_up((text:gsub("[%w_%-]+", names)))
end

local plain = inventory.plain

-- Rows that are gone but still listed are no part of an account.
local function rows_of(world)
  local out = {}
  world:dump() -- does what has come due
  for place, collection in next, world.store.places do
    local list = {}
    for _, row in ipairs(collection:list()) do
      if not row._ended and not row._gone then list[#list + 1] = row end
    end
    if not place:find("/~", 1, true) then out[place] = list end
  end
  return out
end

--- The inventory of a world as sorted lines "place.property = value".
---@param world table   of sim.start
---@return string
function inventory.text(world)
  local lines, names = {}, names_of(world)
  local function flat(prefix, v)
    if type(v) == "table" then
      local n = #v
      for k, item in pairs(v) do
        if k == "_user_data" then item = hash.base64_decode(item) end
        if not HIDDEN[k] then flat(n > 0 and prefix .. "[]" or prefix .. "." .. plain(tostring(k), names), item) end
      end
    elseif type(v) ~= "number" or v < 1e9 then
      local line = prefix .. " = " .. plain(tostring(v), names):gsub("\n", "\\n")
      if not is_usual(line) then lines[#lines + 1] = line end
    end
  end
  for place, rows in pairs(rows_of(world)) do
    for _, row in ipairs(rows) do flat(place, row) end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

return inventory
