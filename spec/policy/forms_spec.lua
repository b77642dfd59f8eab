-- The same fault has many spellings: each rule is asked in forms other than its own example's.
local pack = require "cso.policy.pack"
local policy = require "cso.policy"
local value = require "cso.std.value"

local LATER = value.unknown()

local function judged(id, resources)
  local rules = {}
  for _, rule in ipairs(pack.rules()) do
    if rule.id == id then rules[1] = rule end
  end
  assert.equal(1, #rules, id)
  local list = pack.resources(resources)
  return assert(policy.judge { rules = rules, resources = list })
end

local function group(...) return { ["EC2.SecurityGroup.a"] = { GroupDescription = "a", SecurityGroupIngress = { ... } } } end

local function ssh(given)
  given.IpProtocol, given.FromPort, given.ToPort = given.IpProtocol or "tcp", given.FromPort or 22, given.ToPort or 22
  return given
end

local function managed(...) return { ["IAM.ManagedPolicy.a"] = { PolicyDocument = { Statement = { ... } } } } end

local function allow(action, resource, more)
  local statement = { Effect = "Allow", Action = action, Resource = resource }
  for name, v in pairs(more or {}) do statement[name] = v end
  return statement
end

local function bucket(principal, condition, more)
  local statement = allow("s3:GetObject", "arn:aws:s3:::a/*", more)
  statement.Principal, statement.Condition = principal, condition
  return { ["S3.BucketPolicy.a"] = { Bucket = "a", PolicyDocument = { Statement = statement } } }
end

local function domain(condition) return bucket({ AWS = "*" }, condition) end

-- rule -> what it has to find -> in what; and what it must not
local found = {
  ["CSO-EC2-001"] = {
    ["half of the internet"] = group(ssh { CidrIp = "128.0.0.0/1" }),
    ["all of it, from an address"] = group(ssh { CidrIp = "1.2.3.4/0" }),
    ["IPv6 in full"] = group(ssh { CidrIpv6 = "0:0:0:0:0:0:0:0/0" }),
    ["all global addresses of IPv6"] = group(ssh { CidrIpv6 = "2000::/3" }),
    ["a range, as texts"] = group(ssh { FromPort = "20", ToPort = "30", CidrIp = "0.0.0.0/0" }),
    ["the protocol's number"] = group(ssh { IpProtocol = 6, CidrIp = "0.0.0.0/0" }),
    ["capitals"] = group(ssh { IpProtocol = "TCP", CidrIp = "0.0.0.0/0" }),
    ["the second rule, the first being known later"] =
      group(ssh { CidrIp = LATER }, ssh { CidrIp = "0.0.0.0/0" }),
    ["a rule of its own"] = { ["EC2.SecurityGroupIngress.a"] = ssh { CidrIpv6 = "::/0" } },
  },
  ["CSO-EC2-008"] = {
    ["the whole world in a list"] = { ["EC2.PrefixList.a"] = { Entries = { { Cidr = LATER }, { Cidr = "::/0" } } } },
  },
  ["CSO-IAM-001"] = {
    ["a colon"] = managed(allow("*:*", "*")),
    ["lists"] = managed(allow({ "s3:GetObject", "*" }, { "arn:aws:s3:::a", "*" })),
    ["a statement that is no list"] = { ["IAM.ManagedPolicy.a"] = { PolicyDocument = { Statement = allow("*", "*") } } },
    ["an ARN of wildcards"] = managed(allow("*", "arn:aws:*:*:*:*")),
    ["all but one resource"] = managed(allow("*", nil, { NotResource = "arn:aws:s3:::a" })),
    ["text"] = { ["IAM.ManagedPolicy.a"] = { PolicyDocument =
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}' } },
    ["the second statement, the first being known later"] = managed(allow("*", LATER), allow("*", "*")),
    ["an inline policy of a user"] = { ["IAM.User.a"] = { Policies = { { PolicyName = "a",
      PolicyDocument = { Statement = { allow("*", "*") } } } } } },
  },
  ["CSO-IAM-002"] = {
    ["all but what is named"] = managed(allow(nil, "*", { NotAction = "iam:*" })),
    ["all buckets, by their ARN"] = managed(allow("s3:*", { "arn:aws:s3:::*", "arn:aws:s3:::*/*" })),
    ["all roles of an account"] = managed(allow({ "iam:GetRole", "iam:Pass*" }, "arn:aws:iam::123456789012:*")),
    ["a verb with a wildcard"] = managed(allow("ec2:?elete*", "*")),
  },
  ["CSO-IAM-003"] = {
    ["an external id that is any"] = { ["IAM.Role.a"] = { AssumeRolePolicyDocument = { Statement = {
      { Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole",
        Condition = { StringLike = { ["sts:ExternalId"] = "*" } } } } } } },
  },
  ["CSO-S3-005"] = {
    ["a list"] = bucket { AWS = { "arn:aws:iam::123456789012:root", "*" } },
    ["everybody by another key"] = bucket { ["*"] = "*" },
    ["any account"] = bucket { AWS = "arn:aws:iam::*:root" },
    ["all but one"] = bucket(nil, nil, { NotPrincipal = { AWS = "123456789012" } }),
    ["a condition about TLS"] = domain { Bool = { ["aws:SecureTransport"] = "true" } },
    ["a condition about any address"] = domain { IpAddress = { ["aws:SourceIp"] = { "10.0.0.0/8", "0.0.0.0/0" } } },
    ["a condition that lets in all others"] = domain { StringNotEquals = { ["aws:SourceVpce"] = "vpce-1" } },
    ["a condition that the internet passes"] = domain { StringEqualsIfExists = { ["aws:SourceVpce"] = "vpce-1" } },
    ["a tag that anybody can give himself"] = domain { StringEquals = { ["aws:PrincipalTag/team"] = "a" } },
  },
  ["CSO-RDS-001"] = {
    ["a replica"] = { ["RDS.DBInstance.a"] = { SourceDBInstanceIdentifier = "a", PubliclyAccessible = true } },
    ["a member of a cluster"] = { ["RDS.DBInstance.a"] = { DBClusterIdentifier = "a", PubliclyAccessible = true } },
  },
  ["CSO-RDS-002"] = {
    ["another engine"] = { ["DocDB.DBCluster.a"] = {} },
    ["a restored one that says no"] = { ["RDS.DBInstance.a"] = { DBSnapshotIdentifier = "a", StorageEncrypted = false } },
  },
  ["CSO-EC2-010"] = { ["a launch configuration"] = { ["AutoScaling.LaunchConfiguration.a"] = { ImageId = "ami-1" } } },
  ["CSO-EC2-012"] = {
    ["the second disk"] = { ["EC2.Instance.a"] = { BlockDeviceMappings = {
      { DeviceName = "a", Ebs = { Encrypted = LATER } }, { DeviceName = "b", Ebs = { VolumeSize = 8 } } } } },
  },
  ["CSO-SM-001"] = {
    ["everybody"] = { ["SecretsManager.ResourcePolicy.a"] = { ResourcePolicy = { Statement = {
      { Effect = "Allow", Principal = "*", Action = "secretsmanager:GetSecretValue", Resource = "*" } } } } },
  },
}

local passed = {
  ["CSO-EC2-001"] = {
    ["private networks"] = group(ssh { CidrIp = "10.0.0.0/8" }, ssh { CidrIpv6 = "fc00::/7" }),
    ["another protocol"] = group { IpProtocol = "icmp", FromPort = -1, ToPort = -1, CidrIp = "0.0.0.0/0" },
  },
  ["CSO-IAM-001"] = {
    ["a denial"] = managed { Effect = "Deny", Action = "*", Resource = "*" },
    ["all of one service's"] = managed(allow("*", "arn:aws:s3:::*")),
  },
  ["CSO-IAM-002"] = {
    ["all that only looks"] = managed(allow({ "ec2:Describe*", "s3:Get*", "iam:list*" }, "*")),
    ["all of one bucket"] = managed(allow("s3:*", { "arn:aws:s3:::a", "arn:aws:s3:::a/*" })),
    ["another service's things"] = managed(allow("s3:Put*", "arn:aws:logs:*:*:*")),
  },
  ["CSO-S3-005"] = {
    ["those of one network"] = domain { StringEquals = { ["aws:SourceVpce"] = "vpce-1" } },
    ["a service for one source, known later"] = domain { ArnLike = { ["AWS:SourceArn"] = LATER } },
    ["those of one organisation"] = domain { ["ForAnyValue:StringLike"] = { ["aws:PrincipalOrgPaths"] = "o-1/*" } },
  },
  ["CSO-S3-006"] = {
    ["a denial in other letters, and a list"] = { ["S3.Bucket.a"] = {}, ["S3.BucketPolicy.a"] = { needs = { "S3.Bucket.a" },
      PolicyDocument = { Statement = { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = LATER,
        Condition = { Bool = { ["AWS:securetransport"] = { false } } } } } } },
  },
  ["CSO-RDS-002"] = { ["a restored one"] = { ["RDS.DBInstance.a"] = { DBSnapshotIdentifier = "a" } } },
  ["CSO-EC2-010"] = { ["what its template says"] = { ["EC2.Instance.a"] = { LaunchTemplate = { LaunchTemplateId = "lt-1" } } } },
  ["CSO-EKS-001"] = {
    ["an API for some"] = { ["EKS.Cluster.a"] = { ResourcesVpcConfig = { PublicAccessCidrs = { "203.0.113.0/24" } } } },
  },
  ["CSO-LAMBDA-001"] = { ["one account"] = { ["Lambda.Permission.a"] = { Principal = "*", SourceAccount = "123456789012" } } },
}

describe("rules of the pack, asked in other forms,", function()
  for id, cases in pairs(found) do
    for what, resources in pairs(cases) do
      it(("find by %s %s"):format(id, what), function()
        local list = judged(id, resources)
        assert.equal(1, #list)
        assert.equal("violated", list[1].status)
      end)
    end
  end
  for id, cases in pairs(passed) do
    for what, resources in pairs(cases) do
      it(("let by %s pass %s"):format(id, what), function() assert.same({}, judged(id, resources)) end)
    end
  end

  it("say of what can be known only later that it can't be known", function()
    local list = judged("CSO-EC2-001", group(ssh { CidrIp = LATER }, ssh { CidrIp = "10.0.0.0/8" }))
    assert.equal("unknown", list[1].status)
  end)
end)
