local json = require "cso.std.json"
local kind = require "cso.kind.declare"

return kind "AWS::EFS::MountTarget" {
  service = "efs", id = "MountTargetId", claims = { "FileSystemId", "SubnetId" },
  create = { "CreateMountTarget" },
  read = {
    "DescribeMountTargets", take = "MountTargets[0]", gone_when = { LifeCycleState = { "deleted" } },
    failed_when = { LifeCycleState = { "error" } },
    shape = function(model, raw, r)
      model.Id = raw.MountTargetId
      -- One without groups has an empty list of them, however it is told.
      local groups = r:call("DescribeMountTargetSecurityGroups", { MountTargetId = r.id }).SecurityGroups
      model.SecurityGroups = json.array(groups or {})
      return model
    end,
  },
  update = { SecurityGroups = { "ModifyMountTargetSecurityGroups" } },
  sets = { "SecurityGroups" },
  find = function(r)
    for _, t in ipairs(r:call("DescribeMountTargets", { FileSystemId = r.desired.FileSystemId }).MountTargets) do
      if t.SubnetId == r.desired.SubnetId then return t.MountTargetId end
    end
  end,
  delete = { "DeleteMountTarget" },
  gone = true,
  ready = { state = "LifeCycleState", ok = { "available" }, bad = { "error" } },
  seconds = { create = 90, delete = 30 },
}
