local kind = require "cso.kind.declare"
local record = require "cso.kind.aws.Route53.record"

return kind "AWS::Route53::RecordSet" {
  service = "route53", id = "Id",
  handles = { "HostedZoneId", "HostedZoneName", "Name", "Type", "TTL", "ResourceRecords", "AliasTarget", "HealthCheckId",
    "SetIdentifier", "Weight", "Region", "Failover", "GeoLocation", "MultiValueAnswer", "Comment" },
  create = record.create,
  read = record.read,
  natural = record.natural,
  update = record.upsert,
  fixed = { "HostedZoneId", "HostedZoneName", "Name", "Type", "SetIdentifier" },
  same = {
    Name = record.same_name,
    Type = function(want, have) return want == have end,
    AliasTarget = record.same_alias,
  },
  -- A change writes the whole set anew, so what is left out is gone.
  removes = { "TTL", "ResourceRecords", "AliasTarget", "HealthCheckId", "Weight", "Region", "Failover", "GeoLocation",
    "MultiValueAnswer" },
  sets = { "ResourceRecords" },
  write_only = { "Comment", "HostedZoneName" },
  replace = { "Name", "Type", "SetIdentifier", "HostedZoneId" },
  delete = record.delete,
  ready = record.in_sync,
  seconds = { create = 30, delete = 2 },
}
