local kind = require "cso.kind.declare"
local instance = require "cso.kind.aws.EC2.instance"

return kind "AWS::EC2::Instance" {
  service = "ec2", tag_type = "instance",
  create = {
    "RunInstances", id = "Instances[0].InstanceId", tags = "TagSpecifications", bare = true,
    skip = { "IamInstanceProfile", "Monitoring", "LaunchTemplate", "AvailabilityZone", "Tenancy", "Affinity", "HostId",
      "PlacementGroupName", "SourceDestCheck", "Volumes", "SsmAssociations", "PropagateTagsToVolumeOnCreation" },
    handles = { "IamInstanceProfile", "Monitoring", "LaunchTemplate", "AvailabilityZone", "Tenancy", "Affinity", "HostId",
      "PlacementGroupName", "PropagateTagsToVolumeOnCreation", "NetworkInterfaces" },
    -- A role made a moment ago takes a while to be seen by EC2.
    retry = { "InvalidParameterValue:.*[Ii]nstance [Pp]rofile", "InvalidIamInstanceProfile" },
    with = instance.run_params,
  },
  read = {
    "DescribeInstances", filter = "instance-id", list = "Reservations[].Instances[]", key = "InstanceId",
    gone_when = { ["State.Name"] = { "terminated", "shutting-down" } },
    shape = instance.model,
  },
  update = {
    InstanceType = instance.stopped("InstanceType"),
    EbsOptimized = instance.stopped("EbsOptimized"),
    UserData = instance.stopped("UserData"),
    SecurityGroupIds = function(r, groups) r:call("ModifyInstanceAttribute", { InstanceId = r.id, Groups = groups }) end,
    SourceDestCheck = { "ModifyInstanceAttribute", wrap = "Value" },
    DisableApiTermination = { "ModifyInstanceAttribute", wrap = "Value" },
    InstanceInitiatedShutdownBehavior = { "ModifyInstanceAttribute", wrap = "Value" },
    Monitoring = function(r, on)
      r:call(on and "MonitorInstances" or "UnmonitorInstances", { InstanceIds = { r.id } })
    end,
    MetadataOptions = { "ModifyInstanceMetadataOptions", with = instance.metadata },
    IamInstanceProfile = instance.profile,
    CreditSpecification = instance.credits,
    Volumes = instance.attach_volumes,
    BlockDeviceMappings = instance.block_devices,
  },
  resume = instance.resume,
  sets = { "SecurityGroupIds", "BlockDeviceMappings" },
  same = { UserData = instance.same_user_data, BlockDeviceMappings = instance.same_block_devices },
  defaults = { Monitoring = false, SourceDestCheck = true, DisableApiTermination = false, EbsOptimized = false },
  removes = { "IamInstanceProfile", "KeyName", "Volumes" },
  replace_when = { BlockDeviceMappings = instance.replaces_devices },
  never = { BlockDeviceMappings = instance.shrinks },
  one_way = { BlockDeviceMappings = function(after, before)
    return instance.shrinks(before, after) and "a volume can't shrink" or nil
  end },
  write_only = { "PropagateTagsToVolumeOnCreation", "Affinity" }, flags = { "PropagateTagsToVolumeOnCreation" },
  protection = { property = "DisableApiTermination", on = true, off = false },
  delete = { "TerminateInstances", by = "InstanceIds" },
  gone = true,
  ready = { state = "State.Name", ok = { "running", "stopped" }, bad = { "terminated", "shutting-down" },
    reason = "StateReason.Message" },
  seconds = { create = 30, update = 60, delete = 45 },
}
