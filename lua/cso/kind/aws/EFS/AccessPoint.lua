local find = require "cso.kind.find"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"

return kind "AWS::EFS::AccessPoint" {
  service = "efs", id = "AccessPointId",
  create = { "CreateAccessPoint", tags = "Tags" },
  read = { "DescribeAccessPoints", take = "AccessPoints[0]", rename = { AccessPointArn = "Arn" },
    gone_when = { LifeCycleState = { "deleted" } }, failed_when = { LifeCycleState = { "error" } } },
  delete = { "DeleteAccessPoint" },
  gone = true,
  find = function(r)
    for _, p in ipairs(r:call("DescribeAccessPoints", { FileSystemId = r.desired.FileSystemId }).AccessPoints) do
      if find.owned(r, tags.to_map(p.Tags, true)) and not find.known(r, p.AccessPointId) then return p.AccessPointId end
    end
  end,
  ready = { state = "LifeCycleState", ok = { "available" }, bad = { "error" } },
  seconds = { create = 5, delete = 5 },
}
