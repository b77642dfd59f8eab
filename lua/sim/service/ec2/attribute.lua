--- What can be changed about an instance while it lives.
local base = require "sim.service.ec2.base"
local filter = require "sim.help.filter"
local interface = require "sim.service.ec2.interface"

local attribute = {}

local function must_be_stopped(ctx, row, what)
  if base.fresh(ctx, row).State.Name ~= "stopped" then
    ctx:fail("IncorrectInstanceState", ("The instance '%s' is not in the 'stopped' state; %s cannot be changed.")
      :format(row.InstanceId, what))
  end
end

local function primary(ctx, row) return base.all(ctx, "eni"):get(row._interfaces[1]) end

-- How each attribute is set, and how it is shown. Names are those of DescribeInstanceAttribute.
local set, get = {}, {}

function set.instanceType(ctx, row, v)
  must_be_stopped(ctx, row, "the instance type")
  if not base.instance_type(ctx, v) then
    ctx:fail("InvalidParameterValue", ("Invalid value '%s' for InstanceType."):format(v))
  end
  row.InstanceType = v
end
function set.userData(ctx, row, v)
  must_be_stopped(ctx, row, "the user data")
  -- The member is a blob here and base64 text in RunInstances; one form is kept.
  row._user_data = require("cso.std.hash").base64_encode(v)
end
function set.ebsOptimized(ctx, row, v)
  must_be_stopped(ctx, row, "ebsOptimized")
  row.EbsOptimized = v
end
function set.disableApiTermination(_ctx, row, v) row._protected = v end
function set.disableApiStop(_ctx, row, v) row._stop_protected = v end
function set.instanceInitiatedShutdownBehavior(_ctx, row, v) row._shutdown = v end
function set.enaSupport(_ctx, row, v) row.EnaSupport = v end
function set.sourceDestCheck(ctx, row, v)
  local eni = primary(ctx, row)
  eni.SourceDestCheck = v
  base.save(ctx, "eni", eni.NetworkInterfaceId, eni)
end

function get.instanceType(_ctx, row) return { InstanceType = { Value = row.InstanceType } } end
function get.userData(_ctx, row) return { UserData = row._user_data and { Value = row._user_data } or {} } end
function get.ebsOptimized(_ctx, row) return { EbsOptimized = { Value = row.EbsOptimized } } end
function get.disableApiTermination(_ctx, row) return { DisableApiTermination = { Value = row._protected } } end
function get.disableApiStop(_ctx, row) return { DisableApiStop = { Value = row._stop_protected } } end
function get.instanceInitiatedShutdownBehavior(_ctx, row)
  return { InstanceInitiatedShutdownBehavior = { Value = row._shutdown } }
end
function get.enaSupport(_ctx, row) return { EnaSupport = { Value = row.EnaSupport } } end
function get.sourceDestCheck(ctx, row) return { SourceDestCheck = { Value = primary(ctx, row).SourceDestCheck } } end
function get.groupSet(ctx, row) return { Groups = primary(ctx, row).Groups } end
function get.rootDeviceName(_ctx, row) return { RootDeviceName = { Value = row.RootDeviceName } } end
function get.blockDeviceMapping(_ctx, row) return { BlockDeviceMappings = row.BlockDeviceMappings } end
function get.productCodes() return { ProductCodes = {} } end
function get.kernel() return { KernelId = {} } end
function get.ramdisk() return { RamdiskId = {} } end
function get.sriovNetSupport() return { SriovNetSupport = {} } end
function get.enclaveOptions(_ctx, row) return { EnclaveOptions = row.EnclaveOptions } end

function attribute.DescribeInstanceAttribute(ctx, input)
  local row = base.find(ctx, "i", input.InstanceId)
  local out = get[input.Attribute](ctx, row)
  out.InstanceId = row.InstanceId
  return out
end

local function typed(name, text)
  if name == "instanceType" or name == "userData" or name == "instanceInitiatedShutdownBehavior" then return text end
  return text == "true"
end

function attribute.ModifyInstanceAttribute(ctx, input)
  local row = base.find(ctx, "i", input.InstanceId)
  if input.Attribute then
    if not set[input.Attribute] or input.Value == nil then
      ctx:fail("InvalidParameterCombination", "No attributes specified.")
    end
    set[input.Attribute](ctx, row, typed(input.Attribute, input.Value))
  end
  for name, apply in next, set do
    local member = name:sub(1, 1):upper() .. name:sub(2)
    if input[member] and input[member].Value ~= nil then apply(ctx, row, input[member].Value) end
  end
  if input.Groups and input.Groups[1] then
    local eni = primary(ctx, row)
    eni.Groups = interface.groups(ctx, row.VpcId, input.Groups)
    base.save(ctx, "eni", eni.NetworkInterfaceId, eni)
  end
  for _, m in ipairs(input.BlockDeviceMappings or {}) do
    for _, known in ipairs(row.BlockDeviceMappings) do
      if known.DeviceName == m.DeviceName and m.Ebs and m.Ebs.DeleteOnTermination ~= nil then
        known.Ebs.DeleteOnTermination = m.Ebs.DeleteOnTermination
        local vol = base.all(ctx, "vol"):get(known.Ebs.VolumeId)
        vol.Attachments[1].DeleteOnTermination = m.Ebs.DeleteOnTermination
        base.save(ctx, "vol", vol.VolumeId, vol)
      end
    end
  end
  base.save(ctx, "i", row.InstanceId, row)
  return {}
end

function attribute.ResetInstanceAttribute(ctx, input)
  local row = base.find(ctx, "i", input.InstanceId)
  if input.Attribute == "sourceDestCheck" then set.sourceDestCheck(ctx, row, true) end
  return {}
end

function attribute.ModifyInstanceMetadataOptions(ctx, input)
  local row = base.find(ctx, "i", input.InstanceId)
  for _, name in ipairs { "HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "HttpProtocolIpv6",
    "InstanceMetadataTags" } do
    if input[name] ~= nil then row.MetadataOptions[name] = input[name] end
  end
  base.save(ctx, "i", row.InstanceId, row)
  return { InstanceId = row.InstanceId, InstanceMetadataOptions = row.MetadataOptions }
end

function attribute.ModifyInstanceMaintenanceOptions(ctx, input)
  local row = base.find(ctx, "i", input.InstanceId)
  row.MaintenanceOptions.AutoRecovery = input.AutoRecovery or row.MaintenanceOptions.AutoRecovery
  base.save(ctx, "i", row.InstanceId, row)
  return { InstanceId = row.InstanceId, AutoRecovery = row.MaintenanceOptions.AutoRecovery }
end

function attribute.ModifyPrivateDnsNameOptions(ctx, input)
  local row = base.find(ctx, "i", input.InstanceId)
  local o = row.PrivateDnsNameOptions
  if input.PrivateDnsHostnameType then o.HostnameType = input.PrivateDnsHostnameType end
  for _, name in ipairs { "EnableResourceNameDnsARecord", "EnableResourceNameDnsAAAARecord" } do
    if input[name] ~= nil then o[name] = input[name] end
  end
  base.save(ctx, "i", row.InstanceId, row)
  return { Return = true }
end

local function monitor(enabled)
  return function(ctx, input)
    local list = {}
    for i, id in ipairs(input.InstanceIds) do
      local row = base.find(ctx, "i", id)
      row.Monitoring = { State = enabled and "enabled" or "disabled" }
      base.save(ctx, "i", id, row)
      list[i] = { InstanceId = id, Monitoring = { State = enabled and "pending" or "disabling" } }
    end
    return { InstanceMonitorings = list }
  end
end

attribute.MonitorInstances = monitor(true)
attribute.UnmonitorInstances = monitor(false)

function attribute.DescribeInstanceCreditSpecifications(ctx, input)
  local list = {}
  if input.InstanceIds and input.InstanceIds[1] then
    for _, id in ipairs(input.InstanceIds) do
      local row = base.find(ctx, "i", id)
      if not row._credits then
        ctx:fail("InvalidParameterValue", ("The instance type %s is not supported for burstable performance: %s")
          :format(row.InstanceType, id))
      end
      list[#list + 1] = { InstanceId = id, CpuCredits = row._credits }
    end
  else
    for _, row in ipairs(base.all(ctx, "i"):list()) do
      if row._credits == "unlimited" then
        list[#list + 1] = { InstanceId = row.InstanceId, CpuCredits = row._credits }
      end
    end
  end
  list = filter.apply(ctx, list, input.Filters, { ["instance-id"] = "InstanceId" })
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 1000)
  return { InstanceCreditSpecifications = page, NextToken = token }
end

function attribute.ModifyInstanceCreditSpecification(ctx, input)
  local good, bad = {}, {}
  for _, s in ipairs(input.InstanceCreditSpecifications) do
    local row = base.all(ctx, "i"):get(s.InstanceId)
    if not row then
      bad[#bad + 1] = { InstanceId = s.InstanceId, Error = { Code = "InvalidInstanceID.NotFound",
        Message = ("The instance ID '%s' does not exist"):format(s.InstanceId) } }
    elseif not row._credits then
      bad[#bad + 1] = { InstanceId = s.InstanceId, Error = { Code = "InstanceCreditSpecification.NotSupported",
        Message = "The instance type is not burstable." } }
    else
      row._credits = s.CpuCredits
      base.save(ctx, "i", row.InstanceId, row)
      good[#good + 1] = { InstanceId = s.InstanceId }
    end
  end
  return { SuccessfulInstanceCreditSpecifications = good, UnsuccessfulInstanceCreditSpecifications = bad }
end

return attribute
