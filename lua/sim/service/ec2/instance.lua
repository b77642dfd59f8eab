--- The life of instances: run, describe, stop, start, reboot, terminate.
local base = require "sim.service.ec2.base"
local disk = require "sim.service.ec2.disk"
local filter = require "sim.help.filter"
local interface = require "sim.service.ec2.interface"
local launch = require "sim.service.ec2.launch"
local profile = require "sim.service.ec2.profile"

local instance = {}

--- An instance as it is shown: interfaces, addresses and groups are looked up.
---@param ctx sim.Context
---@param row table
---@return table
local function view(ctx, row)
  base.fresh(ctx, row)
  local out = {}
  for k, v in next, row do out[k] = v end
  local vpc = base.all(ctx, "vpc"):get(row.VpcId)
  out.NetworkInterfaces = {}
  for i, id in ipairs(row._interfaces) do
    local eni = base.all(ctx, "eni"):get(id)
    if eni then
      table.insert(out.NetworkInterfaces, eni)
      if i == 1 then
        out.PrivateIpAddress, out.PrivateDnsName = eni.PrivateIpAddress, eni.PrivateDnsName
        out.SecurityGroups, out.SourceDestCheck = eni.Groups, eni.SourceDestCheck
        local a = row.State.Name ~= "stopped" and eni.Association
          or eni.Association and eni.Association.AllocationId and eni.Association
        if a then
          out.PublicIpAddress = a.PublicIp
          out.PublicDnsName = vpc and vpc._dns_hostnames and a.PublicDnsName or ""
        end
      end
    end
  end
  out.PublicDnsName = out.PublicDnsName or ""
  out.PrivateDnsName = out.PrivateDnsName or ""
  return out
end

function instance.RunInstances(ctx, input)
  input = launch.resolve(ctx, input)
  if input.MinCount < 1 or input.MaxCount < input.MinCount then
    ctx:fail("InvalidParameterValue", ("Value (%d) for parameter minCount is invalid."):format(input.MinCount))
  end
  local plan = launch.check(ctx, input)
  local free = interface.free(plan.subnet)
  if free < input.MinCount then
    ctx:fail("InsufficientFreeAddressesInSubnet", ("There are not enough free addresses in subnet '%s' to satisfy the "
      .. "requested number of instances."):format(plan.subnet.SubnetId))
  end
  local reservation = "r-0" .. ctx.ids:hex(16)
  local list = {}
  for i = 1, math.min(input.MaxCount, free) do
    list[i] = view(ctx, launch.start(ctx, input, plan, i - 1, reservation))
    list[i].State = { Code = 0, Name = "pending" }
  end
  return { ReservationId = reservation, OwnerId = ctx.account, Groups = {}, Instances = list }
end

local filters = { architecture = "Architecture", ["availability-zone"] = "Placement.AvailabilityZone",
  ["block-device-mapping.volume-id"] = "BlockDeviceMappings.Ebs.VolumeId", ["client-token"] = "ClientToken",
  ["dns-name"] = "PublicDnsName", ["iam-instance-profile.arn"] = "IamInstanceProfile.Arn", ["image-id"] = "ImageId",
  ["instance-id"] = "InstanceId", ["instance-lifecycle"] = "InstanceLifecycle",
  ["instance-state-code"] = "State.Code", ["instance-state-name"] = "State.Name",
  ["instance-type"] = "InstanceType", ["instance.group-id"] = "SecurityGroups.GroupId",
  ["instance.group-name"] = "SecurityGroups.GroupName", ["ip-address"] = "PublicIpAddress", ["key-name"] = "KeyName",
  ["metadata-options.http-tokens"] = "MetadataOptions.HttpTokens", ["monitoring-state"] = "Monitoring.State",
  ["network-interface.network-interface-id"] = "NetworkInterfaces.NetworkInterfaceId",
  ["network-interface.subnet-id"] = "NetworkInterfaces.SubnetId",
  ["network-interface.group-id"] = "NetworkInterfaces.Groups.GroupId",
  ["network-interface.addresses.private-ip-address"] = "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress",
  ["owner-id"] = function(_row, ctx) return ctx.account end, platform = "Platform",
  ["private-dns-name"] = "PrivateDnsName", ["private-ip-address"] = "PrivateIpAddress",
  ["reservation-id"] = "_reservation", ["root-device-name"] = "RootDeviceName", ["root-device-type"] = "RootDeviceType",
  ["source-dest-check"] = "SourceDestCheck", ["subnet-id"] = "SubnetId", tenancy = "Placement.Tenancy",
  ["virtualization-type"] = "VirtualizationType", ["vpc-id"] = "VpcId", hypervisor = "Hypervisor" }

-- All asked-for instances as they are shown, filtered.
local function select_views(ctx, input)
  local rows = {}
  if input.InstanceIds and input.InstanceIds[1] then
    for i, id in ipairs(input.InstanceIds) do rows[i] = base.find(ctx, "i", id) end
  else
    rows = base.candidates(ctx, "i", input.Filters, filters)
  end
  for i, row in ipairs(rows) do rows[i] = view(ctx, row) end
  return filter.apply(ctx, rows, input.Filters, filters)
end

function instance.DescribeInstances(ctx, input)
  local page, token = ctx:page(select_views(ctx, input), input.NextToken, input.MaxResults, 1000)
  local list, by = {}, {}
  for _, v in ipairs(page) do
    local r = by[v._reservation]
    if not r then
      r = { ReservationId = v._reservation, OwnerId = ctx.account, Groups = {}, Instances = {} }
      by[v._reservation] = r
      list[#list + 1] = r
    end
    table.insert(r.Instances, v)
  end
  return { Reservations = list, NextToken = token }
end

local status_filters = { ["availability-zone"] = "AvailabilityZone", ["instance-state-name"] = "InstanceState.Name",
  ["instance-state-code"] = "InstanceState.Code", ["instance-status.status"] = "InstanceStatus.Status",
  ["system-status.status"] = "SystemStatus.Status" }

function instance.DescribeInstanceStatus(ctx, input)
  local list = {}
  for _, v in ipairs(select_views(ctx, { InstanceIds = input.InstanceIds })) do
    local running = v.State.Name == "running"
    if running or input.IncludeAllInstances then
      local good = running and (ctx:due(v._checked) and "ok" or "initializing") or "not-applicable"
      local status = { Status = good, Details = running and { { Name = "reachability",
        Status = good == "ok" and "passed" or "initializing" } } or {} }
      list[#list + 1] = { InstanceId = v.InstanceId, AvailabilityZone = v.Placement.AvailabilityZone, Events = {},
        InstanceState = v.State, InstanceStatus = status, SystemStatus = status }
    end
  end
  list = filter.apply(ctx, list, input.Filters, status_filters)
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 1000)
  return { InstanceStatuses = page, NextToken = token }
end

-- Changes of state: which states may go where.
local function change(ctx, ids, allowed, action, apply)
  local rows = {}
  for i, id in ipairs(ids) do
    rows[i] = base.fresh(ctx, base.find(ctx, "i", id))
    if not allowed[rows[i].State.Name] then
      ctx:fail("IncorrectInstanceState", ("The instance '%s' is not in a state from which it can be %s.")
        :format(id, action))
    end
  end
  local out = {}
  for i, row in ipairs(rows) do
    local before = row.State
    apply(row)
    base.save(ctx, "i", row.InstanceId, row)
    -- The answer shows the first step, even when there is no latency.
    local first = row._phases[1][1]
    if #row._phases == 1 then first = row._shown or first end
    row._shown = nil
    out[i] = { InstanceId = row.InstanceId, PreviousState = before,
      CurrentState = { Name = first, Code = base.instance_codes[first] } }
  end
  return out
end

function instance.StopInstances(ctx, input)
  for _, id in ipairs(input.InstanceIds) do
    if base.find(ctx, "i", id)._stop_protected and not input.Force then
      ctx:fail("OperationNotPermitted", ("The instance '%s' may not be stopped. Modify its 'disableApiStop' instance "
        .. "attribute and try again."):format(id))
    end
  end
  return { StoppingInstances = change(ctx, input.InstanceIds, { running = true, stopped = true, stopping = true,
    pending = ctx.clock.latency ~= "realistic" }, "stopped", function(row)
      if row.State.Name == "running" or row.State.Name == "pending" then
        ctx:phases(row, "stopping", 30, "stopped")
        row.StateTransitionReason = "User initiated"
      end
    end) }
end

function instance.StartInstances(ctx, input)
  return { StartingInstances = change(ctx, input.InstanceIds, { stopped = true, running = true, pending = true },
    "started", function(row)
      if row.State.Name == "stopped" then
        ctx:phases(row, "pending", 20, "running")
        row._checked, row.LaunchTime, row.StateTransitionReason = ctx:after(140), ctx.now, ""
      end
    end) }
end

function instance.RebootInstances(ctx, input)
  for _, id in ipairs(input.InstanceIds) do base.find(ctx, "i", id) end
  return {}
end

--- Frees what a terminated instance held.
local function finish(ctx, id)
  local row = base.all(ctx, "i"):get(id)
  if not row then return end
  for _, eni_id in ipairs(row._interfaces) do
    local eni = base.all(ctx, "eni"):get(eni_id)
    if eni and eni.Attachment and eni.Attachment.DeleteOnTermination then
      interface.release(ctx, eni_id)
    elseif eni then
      eni.Attachment, eni.Status = nil, "available"
      base.save(ctx, "eni", eni_id, eni)
    end
  end
  for _, m in ipairs(row.BlockDeviceMappings) do
    local vol = base.all(ctx, "vol"):get(m.Ebs.VolumeId)
    if vol and vol.Attachments[1] and vol.Attachments[1].DeleteOnTermination then
      base.all(ctx, "vol"):delete(vol.VolumeId)
    elseif vol then
      disk.detach(ctx, vol)
    end
  end
  profile.forget(ctx, id)
  row._interfaces, row.BlockDeviceMappings = {}, {}
  base.save(ctx, "i", id, row)
end

--- Forgets an instance that has been dead for an hour.
local function forget(ctx, id) base.all(ctx, "i"):delete(id) end

function instance.TerminateInstances(ctx, input)
  for _, id in ipairs(input.InstanceIds) do
    if base.find(ctx, "i", id)._protected then
      ctx:fail("OperationNotPermitted", ("The instance '%s' may not be terminated. Modify its 'disableApiTermination' "
        .. "instance attribute and try again."):format(id))
    end
  end
  local any = { pending = true, running = true, stopping = true, stopped = true, ["shutting-down"] = true,
    terminated = true }
  return { TerminatingInstances = change(ctx, input.InstanceIds, any, "terminated", function(row)
    if row.State.Name == "terminated" or row.State.Name == "shutting-down" then return end
    ctx:phases(row, "shutting-down", 30, "terminated")
    row._ended, row.StateTransitionReason = true, "User initiated"
    row.StateReason = { Code = "Client.UserInitiatedShutdown", Message = "Client.UserInitiatedShutdown: User initiated shutdown" }
    ctx:later(30, "sim.service.ec2.instance", "finish", row.InstanceId)
    ctx:at(ctx:after(30) + 3600, "sim.service.ec2.instance", "forget", row.InstanceId)
  end) }
end

function instance.GetConsoleOutput(ctx, input)
  local row = base.find(ctx, "i", input.InstanceId)
  return { InstanceId = row.InstanceId, Timestamp = ctx.now, Output = "" }
end

return setmetatable(instance, { __index = { finish = finish, forget = forget, view = view } })
