--- What things are called in the written playbook: by their Name tag, else by what their service calls them,
--- else by what they stand in.
local names = {}

--- How a thing is called that has neither tag nor name: fn(item, name_of) -> text or nil.
local made = {}

local function by(property, further)
  return function(item, name_of)
    local base = name_of(item.model[property])
    return base and (base .. (further and further(item.model) or "")) or nil
  end
end

made["AWS::EC2::Route"] = by("RouteTableId", function(m)
  local to = m.DestinationCidrBlock or m.DestinationIpv6CidrBlock or m.DestinationPrefixListId or "?"
  return "-" .. ((to == "0.0.0.0/0" or to == "::/0") and "default" or to)
end)
made["AWS::EC2::SubnetRouteTableAssociation"] = by "SubnetId"
made["AWS::EC2::SubnetNetworkAclAssociation"] = by "SubnetId"
made["AWS::EC2::VPCCidrBlock"] = by("VpcId", function(m) return "-" .. (m.CidrBlock or "ipv6") end)
made["AWS::EC2::VPCGatewayAttachment"] = by "InternetGatewayId"
made["AWS::EC2::NetworkAclEntry"] = by("NetworkAclId", function(m)
  return ("-%s-%d"):format(m.Egress and "out" or "in", m.RuleNumber)
end)
local function rule(m)
  local from = m.CidrIp or m.CidrIpv6
  return ("-%s%s"):format(m.FromPort and m.FromPort >= 0 and math.tointeger(m.FromPort) or "all",
    from and from ~= "0.0.0.0/0" and from ~= "::/0" and "-" .. from or "")
end
made["AWS::EC2::SecurityGroupIngress"] = function(item, name_of)
  local group, from = name_of(item.model.GroupId), name_of(item.model.SourceSecurityGroupId)
  return group and group .. rule(item.model) .. (from and "-from-" .. from or "")
end
made["AWS::EC2::SecurityGroupEgress"] = function(item, name_of)
  local group, to = name_of(item.model.GroupId), name_of(item.model.DestinationSecurityGroupId)
  return group and group .. rule(item.model) .. (to and "-to-" .. to or "")
end
made["AWS::EC2::VPCEndpoint"] = function(item) return item.model.ServiceName and item.model.ServiceName:match("([^.]+)$") end
made["AWS::EC2::VolumeAttachment"] = by "VolumeId"
made["AWS::EC2::FlowLog"] = by "ResourceId"
made["AWS::EFS::MountTarget"] = function(item, name_of)
  local fs, subnet = name_of(item.model.FileSystemId), name_of(item.model.SubnetId)
  return fs and fs .. (subnet and "-" .. subnet or "")
end
made["AWS::EFS::AccessPoint"] = by "FileSystemId"
made["AWS::ElasticLoadBalancingV2::Listener"] = by("LoadBalancerArn", function(m) return "-" .. tostring(m.Port) end)
made["AWS::ElasticLoadBalancingV2::ListenerRule"] = by("ListenerArn", function(m) return "-" .. tostring(m.Priority) end)
made["AWS::ElasticLoadBalancingV2::ListenerCertificate"] = by "ListenerArn"
made["AWS::KMS::Alias"] = function(item) return item.model.AliasName:gsub("^alias/", "") end
made["AWS::KMS::Key"] = function(item) return (item.model.Description or ""):match("^%w[%w -]+$") end
made["AWS::Route53::HostedZone"] = function(item) return item.model.Name:gsub("%.$", "") end
made["AWS::Route53::RecordSet"] = function(item)
  local m = item.model
  return m.Name:gsub("%.$", "") .. "-" .. m.Type .. (m.SetIdentifier and "-" .. m.SetIdentifier or "")
end
made["AWS::S3::BucketPolicy"] = by "Bucket"
made["AWS::IAM::RolePolicy"] = function(item) return item.model.RoleName .. "-" .. item.model.PolicyName end
made["AWS::SNS::Topic"] = function(item) return item.model.TopicName end
made["AWS::SNS::Subscription"] = by("TopicArn", function(m) return "-" .. (m.Protocol or "") end)
made["AWS::Backup::BackupPlan"] = function(item) return item.model.BackupPlan and item.model.BackupPlan.BackupPlanName end
made["AWS::Backup::BackupSelection"] = function(item)
  return item.model.BackupSelection and item.model.BackupSelection.SelectionName
end
made["AWS::CertificateManager::Certificate"] = function(item) return item.model.DomainName end

local function squeezed(text)
  text = tostring(text):gsub("%*", "any"):gsub("[^%w_%-%.]+", "-"):gsub("^[-.]+", ""):gsub("[-.]+$", "")
  return text ~= "" and text or nil
end

--- The last word of a type: "AWS::EC2::VPC" -> "VPC".
local function word_of(item) return item.type:match("(%w+)$") end

--- What the service itself calls it.
local function own_name(item)
  local rule_of = item.kind.spec.name
  local named = rule_of and item.model[rule_of[1]]
  if type(named) == "string" and named ~= "" then return named end
  for _, property in ipairs { word_of(item) .. "Name", "Name" } do
    local v = item.model[property]
    if not rule_of and type(v) == "string" and v ~= "" and item.kind.schema.properties[property] then return v end
  end
  local id = item.id
  -- An id of letters and digits that the service made says nothing; a name that a person gave does.
  if not id:match("^%a+%-%x+$") and not id:match("^arn:") and not id:find("|", 1, true)
    and not id:match("^%x+%-%x+%-%x+") then return id end
end

--- The name of every thing, each once per type.
---@param items cso.import.Item[]
function names.give(items)
  local by_id, used, running = {}, {}, {}
  for _, item in ipairs(items) do by_id[item.id] = by_id[item.id] or item end
  local name_for
  local function name_of(id)
    local item = id and by_id[id]
    return item and name_for(item) or nil
  end
  local function raw_name(item)
    local tag = item.tags or {}
    local address = tag["cso:address"]
    local rule_of = made[item.type]
    return item.name or tag.Name or address and address:match("^[^.]*%.[^.]*%.(.+)$")
      or rule_of and rule_of(item, name_of) or own_name(item)
  end
  function name_for(item)
    if item.called then return item.called end
    if running[item] then return nil end
    running[item] = true
    local base = squeezed(raw_name(item) or "") or word_of(item):lower()
    local taken = used[item.type] or {}
    used[item.type] = taken
    local name, n = base, 1
    while taken[name] do
      n = n + 1
      name = ("%s-%d"):format(base, n)
    end
    taken[name] = true
    item.called = name
    running[item] = nil
    return name
  end
  for _, item in ipairs(items) do name_for(item) end
end

--- The address of a named thing.
---@param item cso.import.Item
---@return string
function names.address(item)
  return (item.type:gsub("^AWS::", ""):gsub("^cso%.", ""):gsub("::", ".")) .. "." .. item.called
end

return names
