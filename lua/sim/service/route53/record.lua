--- Record sets. A change batch is checked as a whole against the zone as it would become, and
--- stored only when all of it is good.
local base = require "sim.service.route53.base"
local json = require "cso.std.json"

local record = {}

local function id_of(zone, set)
  return table.concat({ zone, set.Name, set.Type, set.SetIdentifier or "" }, "|")
end

local function is_v4(v)
  local a, b, c, d = v:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  for _, n in ipairs { a, b, c, d } do if tonumber(n) > 255 then return false end end
  return a ~= nil
end

-- What a value of a type must look like, and Route 53's words when it does not.
local values = {
  A = { is_v4, "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)" },
  AAAA = { function(v) return v:find(":", 1, true) and v:match("^[%x:.]+$") end,
    "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)" },
  TXT = { function(v) return v:match('^".*"$') end,
    "InvalidCharacterString (Value should be enclosed in quotation marks)" },
  SPF = { function(v) return v:match('^".*"$') end,
    "InvalidCharacterString (Value should be enclosed in quotation marks)" },
  MX = { function(v) return v:match("^%d+ %S+$") end, "MXRRDATANotTwoFields (MX record doesn't have 2 fields)" },
  SRV = { function(v) return v:match("^%d+ %d+ %d+ %S+$") end, "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)" },
  CAA = { function(v) return v:match('^%d+ %w+ ".*"$') end, "CAARRDATANotThreeFields (CAA record doesn't have 3 fields)" },
}

local policies = { "Weight", "Region", "Failover", "GeoLocation", "MultiValueAnswer", "CidrRoutingConfig",
  "GeoProximityLocation" }

-- Problems of one record set by itself.
local function check_set(zone, set, say)
  local bare = zone.Name
  if set.Name ~= bare and set.Name:sub(-#bare - 1) ~= "." .. bare then
    say("RRSet with DNS name %s is not permitted in zone %s", set.Name, bare)
  end
  local alias = set.AliasTarget
  if alias and (set.TTL or set.ResourceRecords and set.ResourceRecords[1]) then
    say("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], "
      .. "but found more than one in Change with [Action=CREATE, Name=%s, Type=%s, SetIdentifier=%s]", set.Name, set.Type,
      set.SetIdentifier or "null")
  elseif not alias and not (set.TTL and set.ResourceRecords and set.ResourceRecords[1]) then
    say("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], "
      .. "but found none in Change with [Action=CREATE, Name=%s, Type=%s, SetIdentifier=%s]", set.Name, set.Type,
      set.SetIdentifier or "null")
  end
  local n = 0
  for _, name in ipairs(policies) do if set[name] ~= nil then n = n + 1 end end
  if n > 1 or n == 1 and not set.SetIdentifier or n == 0 and set.SetIdentifier then
    say("Invalid request: Missing field 'SetIdentifier' or routing policy in Change with [Name=%s, Type=%s]", set.Name, set.Type)
  end
  if set.Type == "CNAME" and set.Name == bare then
    say("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", set.Name, bare)
  end
  if set.Type == "CNAME" and #(set.ResourceRecords or {}) > 1 then
    say("RRSet with DNS name %s, type CNAME, SetIdentifier null has more than one value", set.Name)
  end
  local rule, seen = values[set.Type], {}
  for _, r in ipairs(set.ResourceRecords or {}) do
    if rule and not rule[1](r.Value) then
      say("Invalid Resource Record: 'FATAL problem: %s encountered with '%s''", rule[2], r.Value)
    end
    if seen[r.Value] then say("Duplicate Resource Record: '%s'", r.Value) end
    seen[r.Value] = true
  end
end

-- Problems of a name's record sets with each other.
local function check_name(zone, sets, name, say)
  local plain, cname, other = {}, false, false
  for _, set in next, sets do
    if set.Name == name then
      if set.Type == "CNAME" then cname = true else other = true end
      local seen = plain[set.Type]
      local simple = set.SetIdentifier == nil
      if seen ~= nil and (seen or simple) then
        say("RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created as a non-%s set exists with the same name "
          .. "and type", name, set.Type, set.SetIdentifier or "null", simple and "simple" or "multi")
      end
      plain[set.Type] = simple
    end
  end
  if cname and other then
    say("RRSet of type CNAME with DNS name %s is not permitted as it conflicts with other records with the same DNS name "
      .. "in zone %s", name, zone.Name)
  end
end

local function equal(a, b)
  local function plain(set)
    local list = {}
    for i, r in ipairs(set.ResourceRecords or {}) do list[i] = r.Value end
    table.sort(list)
    return json.encode { set.TTL or 0, list, set.Weight or 0, set.Failover or "", set.Region or "",
      set.AliasTarget and (set.AliasTarget.DNSName:lower():gsub("%.$", "") .. set.AliasTarget.HostedZoneId) or "" }
  end
  return plain(a) == plain(b)
end

local function prepare(ctx, zone, change)
  local set = {}
  for k, v in next, change.ResourceRecordSet do set[k] = v end
  if set.ResourceRecords and not set.ResourceRecords[1] then set.ResourceRecords = nil end
  set.Name = base.name(ctx, set.Name)
  set._zone, set._order = base.bare(zone.Id), base.order(set.Name)
  local alias = set.AliasTarget
  if alias then
    set.AliasTarget = { HostedZoneId = alias.HostedZoneId, EvaluateTargetHealth = alias.EvaluateTargetHealth or false,
      DNSName = base.name(ctx, alias.DNSName) }
  end
  return set
end

local function check_references(ctx, zone, set, sets, say)
  if set.HealthCheckId and not ctx:table("HealthCheck"):get(set.HealthCheckId) then
    ctx:fail("NoSuchHealthCheck", "A health check with id: " .. set.HealthCheckId .. " does not exist.")
  end
  local alias = set.AliasTarget
  if alias and alias.HostedZoneId == base.bare(zone.Id) then
    local found
    for _, other in next, sets do
      found = found or other.Name == alias.DNSName and other.Type == set.Type
    end
    if not found then
      say("Tried to create an alias that targets %s, type %s in zone %s, but the alias target name does not lie within the "
        .. "target zone", alias.DNSName, set.Type, alias.HostedZoneId)
    end
  end
end

function record.ChangeResourceRecordSets(ctx, input)
  local zone = base.zone(ctx, input.HostedZoneId)
  local id, problems = base.bare(zone.Id), {}
  local function say(text, ...) problems[#problems + 1] = text:format(...) end
  local sets, touched = {}, {}
  for _, set in ipairs(ctx:table("Record"):by("_zone", id)) do sets[id_of(id, set)] = set end
  local puts = {}
  for _, change in ipairs(input.ChangeBatch.Changes) do
    local set = prepare(ctx, zone, change)
    local key = id_of(id, set)
    local here = sets[key]
    local label = ("[name='%s', type='%s'%s]"):format(set.Name, set.Type,
      set.SetIdentifier and (", set-identifier='%s'"):format(set.SetIdentifier) or "")
    if change.Action == "DELETE" then
      if not here then
        say("Tried to delete resource record set %s but it was not found", label)
      elseif not equal(here, set) then
        say("Tried to delete resource record set %s but the values provided do not match the current values", label)
      elseif set.Name == zone.Name and (set.Type == "NS" or set.Type == "SOA") then
        say("A HostedZone must contain %s.", set.Type == "SOA" and "exactly one SOA record"
          or "at least one NS record for the zone itself")
      end
      sets[key] = nil
    else
      if change.Action == "CREATE" and here then
        say("Tried to create resource record set %s but it already exists", label)
      end
      check_set(zone, set, say)
      check_references(ctx, zone, set, sets, say)
      sets[key] = set
    end
    puts[#puts + 1] = key
    touched[set.Name] = true
  end
  for name in next, touched do check_name(zone, sets, name, say) end
  if problems[1] then
    table.sort(problems)
    ctx:fail("InvalidChangeBatch", "[" .. table.concat(problems, ", ") .. "]", 400)
  end
  local records = ctx:table("Record")
  for _, key in ipairs(puts) do
    if sets[key] then records:put(key, sets[key]) else records:delete(key) end
  end
  return { ChangeInfo = base.change(ctx, input.ChangeBatch.Comment) }
end

function record.ListResourceRecordSets(ctx, input)
  local zone = base.zone(ctx, input.HostedZoneId)
  if input.StartRecordType and not input.StartRecordName then
    ctx:fail("InvalidInput", "If you specify a type you must specify a name.")
  end
  local list, rest = base.records(ctx, base.bare(zone.Id)), {}
  local from = input.StartRecordName and base.order(base.name(ctx, input.StartRecordName)) or ""
  local kind, identifier = input.StartRecordType or "", input.StartRecordIdentifier or ""
  for _, set in ipairs(list) do
    local after = set._order > from or set._order == from and (set.Type > kind
      or set.Type == kind and (set.SetIdentifier or "") >= identifier)
    if after then rest[#rest + 1] = set end
  end
  local limit = math.min(tonumber(input.MaxItems) or 300, 300)
  local page, more = table.move(rest, 1, math.min(limit, #rest), 1, {}), rest[limit + 1]
  return { ResourceRecordSets = page, IsTruncated = more ~= nil, MaxItems = tostring(limit), NextRecordName = more and more.Name,
    NextRecordType = more and more.Type, NextRecordIdentifier = more and more.SetIdentifier }
end

function record.GetChange(ctx, input)
  local row = ctx:table("~Change"):get(base.bare(input.Id))
  if not row then ctx:fail("NoSuchChange", "Could not find resource with ID: " .. base.bare(input.Id)) end
  return { ChangeInfo = base.change_info(ctx, row) }
end

return record
