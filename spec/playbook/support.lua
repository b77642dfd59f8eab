--- A few types in the catalogue's form, and playbooks from text.
local playbook = require("cso.playbook")
local types = require("cso.playbook.types")

local support = {}

local S, I, B = { kind = "string" }, { kind = "integer" }, { kind = "boolean" }
local J = { kind = "json" }
local function list(T) return { kind = "list", element = T } end
local function object(D) return { kind = "object", ref = D } end
local tags = { property = "Tags", style = "list" }
local tag_list = { type = list { kind = "tag" } }
local vpc = { { type = "AWS::EC2::VPC", attribute = "VpcId" } }
local group = { { type = "AWS::EC2::SecurityGroup", attribute = "GroupId" } }
local subnet = { { type = "AWS::EC2::Subnet", attribute = "SubnetId" } }

local known = {
  ["AWS::EC2::VPC"] = {
    id = { "VpcId" }, tags = tags, definitions = {},
    properties = { CidrBlock = { type = S }, EnableDnsSupport = { type = B }, Tags = tag_list,
      InstanceTenancy = { type = { kind = "string", enum = { "default", "dedicated", "host" } } } },
    attributes = { VpcId = { type = S }, CidrBlockAssociations = { type = list(S) } },
  },
  ["AWS::EC2::Subnet"] = {
    id = { "SubnetId" }, tags = tags, definitions = {},
    properties = { VpcId = { type = S, required = true, refs = vpc }, CidrBlock = { type = S },
      AvailabilityZone = { type = S }, Tags = tag_list },
    attributes = { SubnetId = { type = S } },
  },
  ["AWS::EC2::SecurityGroup"] = {
    id = { "GroupId" }, tags = tags,
    definitions = { Ingress = { properties = {
      IpProtocol = { type = S, required = true }, FromPort = { type = I }, ToPort = { type = I },
      CidrIp = { type = S }, SourceSecurityGroupId = { type = S, refs = group } } } },
    properties = { GroupDescription = { type = S, required = true }, VpcId = { type = S, refs = vpc },
      SecurityGroupIngress = { type = list(object "Ingress") }, Tags = tag_list },
    attributes = { GroupId = { type = S } },
  },
  ["AWS::EC2::Instance"] = {
    id = { "InstanceId" }, tags = tags,
    definitions = { Ebs = { properties = { VolumeSize = { type = I } } },
      Device = { properties = { DeviceName = { type = S, required = true }, Ebs = { type = object "Ebs" } } } },
    properties = { ImageId = { type = S }, SubnetId = { type = S, refs = subnet }, UserData = { type = S },
      SecurityGroupIds = { type = list(S), refs = group }, IamInstanceProfile = { type = S },
      BlockDeviceMappings = { type = list(object "Device") }, Tags = tag_list },
    attributes = { InstanceId = { type = S }, PrivateIp = { type = S } },
  },
  ["AWS::IAM::Role"] = {
    id = { "RoleName" }, tags = tags, definitions = {},
    properties = { RoleName = { type = S }, AssumeRolePolicyDocument = { type = J, required = true }, Tags = tag_list },
    attributes = { Arn = { type = S }, RoleId = { type = S } },
  },
  ["AWS::IAM::InstanceProfile"] = {
    id = { "InstanceProfileName" }, definitions = {},
    properties = { InstanceProfileName = { type = S }, Roles = { type = list(S), required = true } },
    attributes = { Arn = { type = S } },
  },
  ["AWS::RDS::DBInstance"] = {
    id = { "DBInstanceIdentifier" }, tags = tags, definitions = {},
    properties = { Engine = { type = S }, AllocatedStorage = { type = S }, MultiAZ = { type = B },
      MasterUserPassword = { type = S, sensitive = true }, Tags = tag_list, MaxAllocatedStorage = { type = I } },
    attributes = { ["Endpoint.Address"] = { type = S }, ["Endpoint.Port"] = { type = S }, DBInstanceArn = { type = S } },
  },
  ["AWS::ElasticLoadBalancingV2::TargetGroup"] = {
    id = { "TargetGroupArn" }, tags = tags,
    definitions = { TargetDescription = { properties = { Id = { type = S, required = true }, Port = { type = I } } } },
    properties = { Targets = { type = list(object "TargetDescription") }, VpcId = { type = S, refs = vpc }, Tags = tag_list },
    attributes = { TargetGroupArn = { type = S } },
  },
  ["cso.random.password"] = {
    id = { "Id" }, definitions = {}, properties = { length = { type = I } },
    attributes = { value = { type = S, sensitive = true }, Id = { type = S } },
  },
}
for name, t in pairs(known) do t.name = name end

support.types = {
  type = function(name) return known[name] end,
  types = function()
    local names = {}
    for name in pairs(known) do names[#names + 1] = name end
    table.sort(names)
    return names
  end,
}

local dir

--- Makes a fresh folder for the files of a spec; call it from before_each.
function support.setup()
  types.use(support.types)
  dir = os.tmpname()
  os.remove(dir)
  os.execute("mkdir -p " .. dir .. "/envs")
  return dir
end

function support.teardown()
  types.use(nil)
  require("cso.playbook.evaluation").enter(nil)
  os.execute("rm -r " .. dir)
end

---@return string path
function support.write(name, text)
  local path = dir .. "/" .. name
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

--- Evaluates text as the playbook main.lua.
function support.load(text, opts)
  support.write("main.lua", "local cso = require \"cso\"\n" .. text)
  return playbook.load(dir .. "/main.lua", opts)
end

--- The same, and it must work.
function support.program(text, opts)
  local program, e = support.load(text, opts)
  if not program then error(tostring(e) .. table.concat(e.problems or {}, "\n") .. (e.traceback or ""), 2) end
  return program
end

--- The same, and it must fail.
function support.refused(text, opts)
  local program, e = support.load(text, opts)
  assert(program == nil, "the playbook was accepted: " .. text)
  local place = e.where and e.where:sub(1, #dir + 1) == dir .. "/" and e.where:sub(#dir + 2) or e.where
  local message = e.message:gsub(dir:gsub("%p", "%%%0") .. "/", "")
  for _, problem in ipairs(e.problems or {}) do
    message = message .. "\n" .. problem:gsub(dir:gsub("%p", "%%%0") .. "/", "")
  end
  return message, place, e
end

return support
