--- Hosted zones, public and private.
local base = require "sim.service.route53.base"

local zone = {}

-- The name servers that a zone gets: four, one of each top-level domain, drawn from its id.
local function servers(ctx)
  local list = {}
  for i, tail in ipairs { "com", "net", "org", "co.uk" } do
    local n = tonumber(ctx.ids:hex(4), 16) % 512 + (i - 1) * 512
    list[i] = ("ns-%d.awsdns-%02d.%s"):format(n, n % 64, tail)
  end
  return list
end

local function check_vpc(ctx, vpc)
  local region = vpc.VPCRegion or ctx.region
  local row = vpc.VPCId and ctx:of("ec2", region):table("Vpc"):get(vpc.VPCId)
  if not row then
    ctx:fail("InvalidVPCId", ("The VPC: %s that you provided is not authorized to make the association."):format(
      tostring(vpc.VPCId)))
  end
  return { VPCId = vpc.VPCId, VPCRegion = region }
end

-- One VPC can't have two zones of one name.
local function check_conflict(ctx, vpc, name)
  for _, row in ipairs(ctx:table("HostedZone"):by("Name", name)) do
    for _, other in ipairs(row._vpcs or {}) do
      if other.VPCId == vpc.VPCId then
        ctx:fail("ConflictingDomainExists", ("The VPC %s in region %s has already been associated with the hosted zone %s "
          .. "with the same domain name."):format(vpc.VPCId, vpc.VPCRegion, base.bare(row.Id)))
      end
    end
  end
end

local function seed_records(ctx, row)
  local id, ns = base.bare(row.Id), {}
  for i, name in ipairs(row._servers) do ns[i] = { Value = name .. "." } end
  local soa = ("%s. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"):format(row._servers[1])
  local records = ctx:table("Record")
  for kind, set in pairs { NS = { TTL = 172800, ResourceRecords = ns }, SOA = { TTL = 900,
    ResourceRecords = { { Value = soa } } } } do
    set.Name, set.Type, set._zone, set._order = row.Name, kind, id, base.order(row.Name)
    records:put(table.concat({ id, row.Name, kind, "" }, "|"), set)
  end
end

local function view(ctx, row)
  local out = {}
  for k, v in next, row do out[k] = v end
  out.ResourceRecordSetCount = #ctx:table("Record"):by("_zone", base.bare(row.Id))
  return out
end

local function delegation(row)
  return not row.Config.PrivateZone and { NameServers = row._servers } or nil
end

function zone.CreateHostedZone(ctx, input)
  local name, config = base.name(ctx, input.Name), input.HostedZoneConfig or {}
  local vpc = input.VPC and check_vpc(ctx, input.VPC)
  if config.PrivateZone and not vpc then
    ctx:fail("InvalidInput", "When you're creating a private hosted zone (when you specify true for PrivateZone), "
      .. "you must also specify values for VPCId and VPCRegion.")
  end
  if ctx:table("HostedZone"):one("CallerReference", input.CallerReference) then
    ctx:fail("HostedZoneAlreadyExists", "A hosted zone has already been created with the specified caller reference.")
  end
  if vpc then check_conflict(ctx, vpc, name) end
  if ctx:table("HostedZone").count >= 500 then ctx:fail("TooManyHostedZones", "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER") end
  local id = "Z0" .. ctx.ids:text(19, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
  local row = { Id = "/hostedzone/" .. id, Name = name, CallerReference = input.CallerReference,
    Config = { Comment = config.Comment, PrivateZone = vpc ~= nil }, _vpcs = vpc and { vpc } or nil,
    _servers = vpc and { "ns-0.awsdns-00.com", "ns-512.awsdns-00.net", "ns-1024.awsdns-00.org", "ns-1536.awsdns-00.co.uk" }
      or servers(ctx), _tags = {} }
  base.save(ctx, row)
  seed_records(ctx, row)
  return { HostedZone = view(ctx, row), ChangeInfo = base.change(ctx), DelegationSet = delegation(row), VPC = vpc,
    Location = "https://route53.amazonaws.com/2013-04-01/hostedzone/" .. id }
end

function zone.GetHostedZone(ctx, input)
  local row = base.zone(ctx, input.Id)
  return { HostedZone = view(ctx, row), DelegationSet = delegation(row), VPCs = row._vpcs }
end

function zone.DeleteHostedZone(ctx, input)
  local row = base.zone(ctx, input.Id)
  local id = base.bare(row.Id)
  local sets = ctx:table("Record"):by("_zone", id)
  for _, set in ipairs(sets) do
    if set.Name ~= row.Name or set.Type ~= "NS" and set.Type ~= "SOA" then
      ctx:fail("HostedZoneNotEmpty",
        "The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
    end
  end
  for _, kind in ipairs { "NS", "SOA" } do ctx:table("Record"):delete(table.concat({ id, row.Name, kind, "" }, "|")) end
  ctx:table("HostedZone"):delete(id)
  return { ChangeInfo = base.change(ctx) }
end

local function paged(ctx, list, marker, limit)
  local from = 1
  if marker and marker ~= "" then
    from = nil
    for i, row in ipairs(list) do if base.bare(row.Id) == base.bare(marker) then from = i end end
    if not from then ctx:fail("InvalidInput", "The marker is not a hosted zone.") end
  end
  limit = tonumber(limit) or 100
  local page = {}
  for i = from, math.min(from + limit - 1, #list) do page[#page + 1] = view(ctx, list[i]) end
  local next_row = list[from + limit]
  return page, next_row, tostring(limit)
end

function zone.ListHostedZones(ctx, input)
  local list = ctx:table("HostedZone"):list(function(row)
    return input.HostedZoneType ~= "PrivateHostedZone" or row.Config.PrivateZone
  end)
  local page, rest, limit = paged(ctx, list, input.Marker, input.MaxItems)
  return { HostedZones = page, IsTruncated = rest ~= nil, NextMarker = rest and base.bare(rest.Id), MaxItems = limit,
    Marker = input.Marker or "" }
end

function zone.ListHostedZonesByName(ctx, input)
  local list = ctx:table("HostedZone"):list()
  table.sort(list, function(a, b)
    local x, y = base.order(a.Name), base.order(b.Name)
    if x ~= y then return x < y end
    return a.Id < b.Id
  end)
  local from = input.DNSName and base.order(base.name(ctx, input.DNSName)) or ""
  local id = input.HostedZoneId and "/hostedzone/" .. base.bare(input.HostedZoneId)
  local rest = {}
  for _, row in ipairs(list) do
    local at = base.order(row.Name)
    if at > from or at == from and (not id or row.Id >= id) then rest[#rest + 1] = row end
  end
  local page, more, limit = paged(ctx, rest, nil, input.MaxItems)
  return { HostedZones = page, DNSName = input.DNSName, HostedZoneId = input.HostedZoneId, IsTruncated = more ~= nil,
    NextDNSName = more and more.Name, NextHostedZoneId = more and base.bare(more.Id), MaxItems = limit }
end

function zone.ListHostedZonesByVPC(ctx, input)
  local out = {}
  for _, row in ipairs(ctx:table("HostedZone"):list()) do
    for _, vpc in ipairs(row._vpcs or {}) do
      if vpc.VPCId == input.VPCId and vpc.VPCRegion == input.VPCRegion then
        out[#out + 1] = { HostedZoneId = base.bare(row.Id), Name = row.Name, Owner = { OwningAccount = ctx.account } }
      end
    end
  end
  return { HostedZoneSummaries = out, MaxItems = tostring(input.MaxItems or 100) }
end

function zone.GetHostedZoneCount(ctx) return { HostedZoneCount = ctx:table("HostedZone").count } end

function zone.UpdateHostedZoneComment(ctx, input)
  local row = base.zone(ctx, input.Id)
  row.Config.Comment = input.Comment
  base.save(ctx, row)
  return { HostedZone = view(ctx, row) }
end

function zone.AssociateVPCWithHostedZone(ctx, input)
  local row = base.zone(ctx, input.HostedZoneId)
  if not row._vpcs then
    ctx:fail("PublicZoneVPCAssociation", "You're trying to associate a VPC with a public hosted zone.")
  end
  local vpc = check_vpc(ctx, input.VPC)
  check_conflict(ctx, vpc, row.Name)
  table.insert(row._vpcs, vpc)
  base.save(ctx, row)
  return { ChangeInfo = base.change(ctx, input.Comment) }
end

function zone.DisassociateVPCFromHostedZone(ctx, input)
  local row, left = base.zone(ctx, input.HostedZoneId), {}
  for _, vpc in ipairs(row._vpcs or {}) do
    if vpc.VPCId ~= input.VPC.VPCId then left[#left + 1] = vpc end
  end
  if #left == #(row._vpcs or {}) then
    ctx:fail("VPCAssociationNotFound", ("The VPC %s is not associated with the hosted zone %s."):format(
      tostring(input.VPC.VPCId), base.bare(row.Id)))
  end
  if #left == 0 then
    ctx:fail("LastVPCAssociation", "The VPC is the last one that is associated with the private hosted zone.")
  end
  row._vpcs = left
  base.save(ctx, row)
  return { ChangeInfo = base.change(ctx, input.Comment) }
end

function zone.GetDNSSEC(ctx, input)
  base.zone(ctx, input.HostedZoneId)
  return { Status = { ServeSignature = "NOT_SIGNING" }, KeySigningKeys = {} }
end

function zone.ListQueryLoggingConfigs() return { QueryLoggingConfigs = {} } end

function zone.ListVPCAssociationAuthorizations(ctx, input)
  local row = base.zone(ctx, input.HostedZoneId)
  return { HostedZoneId = base.bare(row.Id), VPCs = {} }
end

return zone
