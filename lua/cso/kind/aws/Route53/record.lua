--- Record sets live inside their zone and have no id and no tags: zone, name, type and set
--- identifier are all there is.
local record = {}

local function absolute(name)
  name = name:lower()
  return name:sub(-1) == "." and name or name .. "."
end

--- Route 53 shows unusual characters as octal escapes, first of all the wildcard.
local function plain(name)
  return (name:gsub("\\(%d%d%d)", function(o) return string.char(tonumber(o, 8)) end))
end

local function zone_of(r)
  local d = r.desired
  if d.HostedZoneId then return (d.HostedZoneId:match("([^/]+)$")) end
  for _, zone in ipairs(r:call("ListHostedZonesByName", { DNSName = d.HostedZoneName }).HostedZones) do
    if zone.Name == absolute(d.HostedZoneName) then return zone.Id:match("([^/]+)$") end
  end
  r:fail("NoSuchHostedZone", ("%s: there is no hosted zone %s"):format(r.address, tostring(d.HostedZoneName)))
end

local function set_of(d)
  local records = {}
  for i, v in ipairs(d.ResourceRecords or {}) do records[i] = { Value = v } end
  local alias, geo = d.AliasTarget, d.GeoLocation
  return {
    Name = absolute(d.Name), Type = d.Type, TTL = d.TTL and math.tointeger(tonumber(d.TTL)) or nil,
    ResourceRecords = #records > 0 and records or nil, SetIdentifier = d.SetIdentifier,
    Weight = d.Weight and math.tointeger(tonumber(d.Weight)) or nil, Region = d.Region, Failover = d.Failover,
    HealthCheckId = d.HealthCheckId, MultiValueAnswer = d.MultiValueAnswer,
    AliasTarget = alias and { DNSName = alias.DNSName, HostedZoneId = alias.HostedZoneId,
      EvaluateTargetHealth = alias.EvaluateTargetHealth or false } or nil,
    GeoLocation = geo and { ContinentCode = geo.ContinentCode, CountryCode = geo.CountryCode,
      SubdivisionCode = geo.SubdivisionCode } or nil,
  }
end

local function change(r, action, zone, set)
  local out, e
  r:poll("waiting for an earlier change of the zone", function()
    out, e = r:try("ChangeResourceRecordSets", { HostedZoneId = zone, ChangeBatch = { Changes = { {
      Action = action, ResourceRecordSet = set } } } })
    return out ~= nil or e.code ~= "PriorRequestNotComplete"
  end, 5)
  return out, e
end

local function parts(id)
  return id:match("^(.-)|(.-)|(.-)|(.*)$")
end

local function find_set(r, zone, name, type_of, identifier)
  local out, e = r:try("ListResourceRecordSets", { HostedZoneId = zone, StartRecordName = name, StartRecordType = type_of,
    StartRecordIdentifier = identifier ~= "" and identifier or nil, MaxItems = identifier ~= "" and "10" or "1" })
  if not out then
    if e.code == "NoSuchHostedZone" then return nil end
    error(e, 0)
  end
  for _, set in ipairs(out.ResourceRecordSets) do
    if plain(set.Name) == name and set.Type == type_of and (set.SetIdentifier or "") == identifier then return set end
  end
end

--- Creates the record; one that stands there already is somebody else's unless an interrupted run
--- of ours may have written it.
function record.create(r)
  local zone, set = zone_of(r), set_of(r.desired)
  local out, e = change(r, "CREATE", zone, set)
  if not out and e.code == "InvalidChangeBatch" and (e.message or ""):match("already exists") then
    if not r.pending then
      e.hint = "another program made it: import it, or remove it first"
      error(e, 0)
    end
    out, e = change(r, "UPSERT", zone, set)
  end
  if not out then error(e, 0) end
  r.id = table.concat({ zone, set.Name, set.Type, set.SetIdentifier or "" }, "|")
  r.change = out.ChangeInfo and out.ChangeInfo.Id
end

--- The id that follows from the properties: there is one record of a name, type and identifier.
function record.natural(r)
  local set = set_of(r.desired)
  return table.concat({ zone_of(r), set.Name, set.Type, set.SetIdentifier or "" }, "|")
end

function record.upsert(r)
  local zone = parts(r.id)
  local out, e = change(r, "UPSERT", zone, set_of(r.desired))
  if not out then error(e, 0) end
  r.change = out.ChangeInfo and out.ChangeInfo.Id
end

--- Waits until all name servers answer with the record.
function record.in_sync(r)
  if not r.change then return end
  r:poll("waiting for INSYNC", function()
    return r:call("GetChange", { Id = r.change:match("([^/]+)$") }).ChangeInfo.Status == "INSYNC"
  end, 30)
end

function record.read(r)
  local zone, name, type_of, identifier = parts(r.id)
  local set = find_set(r, zone, name, type_of, identifier)
  if not set then return nil end
  local values = {}
  for i, v in ipairs(set.ResourceRecords or {}) do values[i] = v.Value end
  return {
    Id = r.id, HostedZoneId = zone, Name = plain(set.Name), Type = set.Type, TTL = set.TTL and tostring(set.TTL),
    ResourceRecords = values, SetIdentifier = set.SetIdentifier, Weight = set.Weight, Region = set.Region,
    Failover = set.Failover, HealthCheckId = set.HealthCheckId, MultiValueAnswer = set.MultiValueAnswer,
    AliasTarget = set.AliasTarget, GeoLocation = set.GeoLocation,
  }
end

function record.delete(r)
  local zone, name, type_of, identifier = parts(r.id)
  local set = find_set(r, zone, name, type_of, identifier)
  if not set then return end
  local _, e = change(r, "DELETE", zone, set)
  if e and not (e.code == "InvalidChangeBatch" and (e.message or ""):match("not found")) then error(e, 0) end
end

function record.same_name(want, have)
  return have ~= nil and absolute(tostring(want)) == absolute(have)
end

function record.same_alias(want, have)
  if not want or not have then return want == have end
  return absolute(want.DNSName):gsub("^dualstack%.", "") == absolute(have.DNSName):gsub("^dualstack%.", "")
    and want.HostedZoneId == have.HostedZoneId and (want.EvaluateTargetHealth or false) == (have.EvaluateTargetHealth or false)
end

return record
