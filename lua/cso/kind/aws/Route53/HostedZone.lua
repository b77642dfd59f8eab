local kind = require "cso.kind.declare"

local function bare(id)
  return id and id:match("([^/]+)$")
end

local function key(vpc)
  return vpc.VPCId .. "|" .. (vpc.VPCRegion or "")
end

local function api(vpc)
  return { VPCId = vpc.VPCId, VPCRegion = vpc.VPCRegion }
end

local function set_vpcs(r, want, have)
  local a, b = {}, {}
  for _, v in ipairs(want or {}) do a[key(v)] = v end
  for _, v in ipairs(have or {}) do b[key(v)] = v end
  for _, v in ipairs(want or {}) do
    if not b[key(v)] then r:call("AssociateVPCWithHostedZone", { HostedZoneId = r.id, VPC = api(v) }) end
  end
  for _, v in ipairs(have or {}) do
    if not a[key(v)] then r:call("DisassociateVPCFromHostedZone", { HostedZoneId = r.id, VPC = api(v) }) end
  end
end

--- The records by which ACM saw that a domain is ours stay for its renewals; they would keep the zone
--- from going, and mean nothing without it.
local function drop_validations(r)
  local at, changes = { HostedZoneId = r.id }, {}
  repeat
    local out = r:try("ListResourceRecordSets", at)
    if not out then return end
    for _, set in ipairs(out.ResourceRecordSets) do
      local to = set.Type == "CNAME" and set.ResourceRecords and set.ResourceRecords[1]
      if to and to.Value:match("%.acm%-validations%.aws%.?$") then
        changes[#changes + 1] = { Action = "DELETE", ResourceRecordSet = set }
      end
    end
    at.StartRecordName, at.StartRecordType, at.StartRecordIdentifier = out.NextRecordName, out.NextRecordType,
      out.NextRecordIdentifier
  until not out.IsTruncated
  if #changes > 0 then
    r:call("ChangeResourceRecordSets", { HostedZoneId = r.id, ChangeBatch = { Changes = changes } })
  end
end

return kind "AWS::Route53::HostedZone" {
  service = "route53", id = "Id", tag_extra = { ResourceType = "hostedzone" },
  handles = { "Name", "VPCs", "HostedZoneConfig", "HostedZoneTags" },
  create = function(r)
    local d = r.desired
    local first = d.VPCs and d.VPCs[1]
    local out, e = r:try("CreateHostedZone", { Name = d.Name, CallerReference = r.token, VPC = first and api(first),
      HostedZoneConfig = { Comment = d.HostedZoneConfig and d.HostedZoneConfig.Comment or "", PrivateZone = first ~= nil } },
      { creates = true })
    if not out then error(e, 0) end
    r.id = bare(out.HostedZone.Id)
    r.attributes = { Id = r.id, NameServers = out.DelegationSet and out.DelegationSet.NameServers or {} }
    for i = 2, #(d.VPCs or {}) do
      r:call("AssociateVPCWithHostedZone", { HostedZoneId = r.id, VPC = api(d.VPCs[i]) })
    end
    -- The creating call takes no tags, so ownership is written right after it.
    local tags = require "cso.kind.tags"
    tags.apply(r, r.id, {}, tags.owned(d.HostedZoneTags, r.own), r.kind.tag_extra)
  end,
  read = {
    "GetHostedZone", by = "Id", tags = "read",
    shape = function(model, raw, r)
      local zone = raw.HostedZone
      model.Id, model.Name = bare(zone.Id), zone.Name
      model.NameServers = raw.DelegationSet and raw.DelegationSet.NameServers or nil
      model.HostedZoneConfig = { Comment = zone.Config and zone.Config.Comment }
      local vpcs = {}
      for i, v in ipairs(raw.VPCs or {}) do vpcs[i] = api(v) end
      model.VPCs = vpcs
      model.HostedZoneTags = model.HostedZoneTags or r.desired.HostedZoneTags
      return model
    end,
  },
  update = function(r, set)
    if set.VPCs then set_vpcs(r, r.desired.VPCs, r.current.VPCs) end
    if set.HostedZoneConfig then
      r:call("UpdateHostedZoneComment", { Id = r.id, Comment = r.desired.HostedZoneConfig
        and r.desired.HostedZoneConfig.Comment or "" })
    end
    if set.HostedZoneTags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  fixed = { "Name" },
  -- Route 53 writes names in lower case and with the dot that ends them.
  same = { Name = function(want, have)
    return tostring(want):lower():gsub("%.$", "") == tostring(have):lower():gsub("%.$", "")
  end },
  sets = { "VPCs" },
  defaults = { HostedZoneConfig = { Comment = "" } },
  find = function(r)
    local marker
    repeat
      local out = r:call("ListHostedZones", { Marker = marker })
      for _, zone in ipairs(out.HostedZones) do
        if zone.CallerReference == r.token then return bare(zone.Id) end
      end
      marker = out.IsTruncated and out.NextMarker or nil
    until not marker
  end,
  delete = { "DeleteHostedZone", by = "Id", retry = { "HostedZoneNotEmpty" },
    with = function(_, r) drop_validations(r) end },
  foretell = { delete = function() return { "?" } end },
  seconds = { create = 2, delete = 2 },
}
