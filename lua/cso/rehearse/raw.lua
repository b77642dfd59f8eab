--- What has no kind of its own, or is not made by creating it: images, certificates, foreign
--- interfaces, objects, records. Each goes into the simulator in its own way.
local read = require "cso.kind.read"

-- Each gives "there", "absent", or nil where the account would not say.
local raw = { beside = {} }

local function place(run, target, service, name)
  return { account = run.session:account(target), region = target.region or run.session:region(), service = service, name = name }
end

-- The answer; nil and "absent" when the account says that there is no such thing.
local function ask(run, target, service, operation, params)
  local client = run.real:client(service, target)
  if not client then return nil end
  local out, e = client:call(operation, params)
  return out, not out and read.is_gone(e) and "absent" or nil
end

function raw.image(run, id, target)
  local out, absent = ask(run, target, "ec2", "DescribeImages", { ImageIds = { id } })
  local image = out and out.Images and out.Images[1]
  if not image then return out and "absent" or absent end
  local root
  for _, disk in ipairs(image.BlockDeviceMappings or {}) do
    if disk.DeviceName == image.RootDeviceName then root = disk.Ebs end
  end
  run.put(place(run, target, "ec2", "~Image"), id, { id = id, name = image.Name, arch = image.Architecture or "x86_64",
    owner = image.OwnerId, root = image.RootDeviceName or "/dev/xvda", size = root and root.VolumeSize or 8,
    created = image.CreationDate, platform = image.Platform, description = image.Description or "", parameters = {} })
  return "there"
end

function raw.instance_type(run, name, target)
  -- The simulator knows most of them.
  local own = run.session:client("ec2", target)
  if own:call("DescribeInstanceTypes", { InstanceTypes = { name } }) then return "there" end
  local out, absent = ask(run, target, "ec2", "DescribeInstanceTypes", { InstanceTypes = { name } })
  local found = out and out.InstanceTypes and out.InstanceTypes[1]
  if not found then return out and "absent" or absent end
  local processor = found.ProcessorInfo or {}
  run.put(place(run, target, "ec2", "~InstanceType"), name, { name = name, vcpu = (found.VCpuInfo or {}).DefaultVCpus or 2,
    memory = (found.MemoryInfo or {}).SizeInMiB or 4096, arch = (processor.SupportedArchitectures or {})[1] or "x86_64",
    maker = processor.Manufacturer or "Intel", burstable = found.BurstablePerformanceSupported, hypervisor = found.Hypervisor })
  return "there"
end

function raw.certificate(run, arn, target)
  local region = arn:match("^arn:[^:]+:acm:([^:]+):")
  target = setmetatable({ region = region }, { __index = target })
  local out, absent = ask(run, target, "acm", "DescribeCertificate", { CertificateArn = arn })
  local row = out and out.Certificate
  if not row then return absent end
  row._tags, row.DomainValidationOptions = {}, row.DomainValidationOptions or {}
  run.put(place(run, target, "acm", "Certificate"), arn, row)
  return "there"
end

-- Things that a description or an attachment names, as their own ids.
local function holder_of(item)
  local attachment = item.Attachment or {}
  if attachment.InstanceId then return attachment.InstanceId end
  local text = item.Description or ""
  return text:match("ELB ([%w-]+/[%w-]+/%x+)") or text:match("(vpce%-%x+)") or text:match("(nat%-%x+)")
    or text:match("(fs%-%x+)")
end

-- Only an interface that surely is not ours counts: what our own things have they have in the
-- simulator too, under ids of its making.
local function is_foreign(run, item)
  if run.ours[item.NetworkInterfaceId] then return false end
  local holder = holder_of(item)
  if holder then
    if run.ours[holder] then return false end
    for known in pairs(run.ours) do
      if known:find(holder, 1, true) then return false end
    end
    return true
  end
  return item.Status == "available" and not item.RequesterManaged
end

function raw.beside.interface(run, item, _, target)
  if run.seen[item.NetworkInterfaceId] or not is_foreign(run, item) then return end
  run.seen[item.NetworkInterfaceId] = true
  local groups = {}
  for i, group in ipairs(item.Groups or {}) do groups[i] = group.GroupId end
  local client = run.session:client("ec2", target)
  local out = client:call("CreateNetworkInterface", { SubnetId = item.SubnetId, Groups = groups, Description = item.Description })
  run.rename(out and { [out.NetworkInterface.NetworkInterfaceId] = item.NetworkInterfaceId } or {})
end

function raw.beside.object(run, item, node, target)
  local id = node.record.id .. "/" .. item.Key
  if run.ours[id] or run.seen[node.record.id .. "\0object"] then return end
  run.seen[node.record.id .. "\0object"] = true -- one is as good as a million
  run.session:client("s3", target):call("PutObject", { Bucket = node.record.id, Key = item.Key, Body = "" })
  run.rename {}
end

-- What is in force is there already; its words don't matter, only that there is one more.
function raw.beside.policy_version(run, item, node, target)
  if item.IsDefaultVersion then return end
  run.session:client("iam", target):call("CreatePolicyVersion", { PolicyArn = node.record.id,
    PolicyDocument = '{"Version":"2012-10-17","Statement":[]}' })
  run.rename {}
end

function raw.beside.object_version(run, item, node, target)
  local bucket, key = node.record.id:match("^(.-)/(.+)$")
  if item.IsLatest or item.Key ~= key then return end
  run.session:client("s3", target):call("PutObject", { Bucket = bucket, Key = key, Body = "" })
  run.rename {}
end

function raw.beside.secret(run, item, _, target)
  if run.ours[item.ARN] then return end
  local client = run.session:client("secretsmanager", target)
  local out = client:call("CreateSecret", { Name = item.Name, SecretString = "{}", Tags = item.Tags })
  if not out then return end
  if item.DeletedDate then client:call("DeleteSecret", { SecretId = out.ARN }) end
  run.rename { [out.ARN] = item.ARN }
end

function raw.beside.record(run, item, node, target)
  if item.Type == "NS" or item.Type == "SOA" then return end
  local name = item.Name:gsub("%.$", ""):lower()
  for id in pairs(run.ours) do
    if id:lower():gsub("%.$", "") == name or id:lower():find(name, 1, true) then return end
  end
  run.session:client("route53", target):call("ChangeResourceRecordSets", { HostedZoneId = node.record.id,
    ChangeBatch = { Changes = { { Action = "CREATE", ResourceRecordSet = item } } } })
  run.rename {}
end

function raw.beside.gateway(run, item, _, target)
  if run.ours[item.InternetGatewayId] or run.seen[item.InternetGatewayId] then return end
  run.seen[item.InternetGatewayId] = true
  local client = run.session:client("ec2", target)
  local made = client:call("CreateInternetGateway", {})
  if not made then return end
  for _, attachment in ipairs(item.Attachments or {}) do
    client:call("AttachInternetGateway", { InternetGatewayId = made.InternetGateway.InternetGatewayId, VpcId = attachment.VpcId })
  end
  run.rename { [made.InternetGateway.InternetGatewayId] = item.InternetGatewayId }
end

return raw
