local kind = require "cso.kind.declare"

return kind "AWS::EC2::Volume" {
  service = "ec2", tag_type = "volume",
  create = { "CreateVolume", tags = "TagSpecifications", later = { "AutoEnableIO" } },
  read = { "DescribeVolumes", filter = "volume-id", list = "Volumes[]", key = "VolumeId",
    gone_when = { State = { "deleted" } }, failed_when = { State = { "error" } } },
  update = {
    AutoEnableIO = { "ModifyVolumeAttribute", wrap = "Value" },
    { "ModifyVolume", props = { "Size", "VolumeType", "Iops", "Throughput", "MultiAttachEnabled" } },
  },
  -- The catalogue marks none of these, but EC2 has no way to change them.
  replace = { "AvailabilityZone", "AvailabilityZoneId", "Encrypted", "KmsKeyId", "SnapshotId", "OutpostArn", "SourceVolumeId" },
  write_only = { "AutoEnableIO" },
  never = { Size = function(after, before)
    -- What is known only later, or not declared any more, is the service's to judge.
    after, before = tonumber(after), tonumber(before)
    return after and before and after < before and ("a volume can't shrink from %d to %d GiB"):format(before, after) or nil
  end },
  one_way = { Size = "a volume can't shrink" },
  delete = { "DeleteVolume", retry = { "VolumeInUse" } },
  gone = true,
  ready = { state = "State", ok = { "available", "in-use" }, bad = { "error" } },
  use = "ready",
  seconds = { create = 5, delete = 5 },
}
