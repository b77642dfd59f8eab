-- Who may do what: security groups, the servers' IAM role, the KMS key, the private CA with a
-- certificate for every server, the generated passwords, and (with a load balancer) the Cognito
-- user pool.
--
-- The low-level design names a jump server group and an RDS group without defining or binding them,
-- and writes three passwords in clear. Here both groups exist, every server carries the group of
-- its service beside the core group, and each password is generated and lives in Secrets Manager
-- only (docs/decisions.md).
local cso = require "cso"
local aws = cso.aws
local ACM, Cognito, EC2, IAM, KMS = cso.acm, aws.Cognito, aws.EC2, aws.IAM, aws.KMS
local SecretsManager = aws.SecretsManager

-- No punctuation: the passwords stand in URLs, SQL and shell files.
local PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
-- { secret name, length }
local PASSWORDS = {
  { "db-master", 32 }, { "keystone-db", 32 }, { "cso-db", 32 },
  { "keystone-admin", 32 }, { "rabbitmq", 32 }, { "erlang-cookie", 40 },
}
local MANAGED_POLICIES = {
  "AmazonSSMManagedInstanceCore", "AmazonSSMPatchAssociation", "CloudWatchAgentServerPolicy",
}

-- { short name, what it is for }
local GROUPS = {
  { "core", "all servers of the portal" },
  { "frontend", "web frontends" },
  { "backend", "portal services" },
  { "keystone", "identity service" },
  { "rabbitmq", "message broker" },
  { "jump", "administration" },
  { "rds", "database" },
  { "efs", "shared file systems" },
}

-- { group, from port, to port, source group or "cidrs" }. Sources that do not exist (load balancers
-- without ha) drop their rule.
local RULES = {
  { "core", 0, 65535, "core" },
  { "core", 3306, 3306, "core" },
  { "frontend", 8102, 8102, "frontend-lb" },
  { "frontend", 443, 443, "frontend-lb" },
  { "frontend", 80, 80, "frontend-lb" },
  { "backend", 8080, 8105, "core" },
  { "backend", 8080, 8105, "backend-lb" },
  { "keystone", 5000, 5000, "core" },
  { "keystone", 5000, 5000, "backend-lb" },
  { "keystone", 5000, 5000, "jump" },
  { "rabbitmq", 5672, 5672, "core" },
  { "rabbitmq", 15671, 15671, "core" },
  { "rabbitmq", 15671, 15671, "jump" },
  { "jump", 8081, 8081, "frontend-lb" },
  { "jump", 8081, 8081, "cidrs" },
  { "jump", 22, 22, "cidrs" },
  { "rds", 3306, 3306, "core" },
  { "rds", 3306, 3306, "jump" },
  { "efs", 2049, 2049, "core" },
  { "efs", 2049, 2049, "jump" },
  { "backend-lb", 8090, 8105, "core" },
  { "backend-lb", 5000, 5000, "core" },
}

-- The sources behind a rule's word: { { name for address and description, its property }, … }.
local function sources(inp, groups, word)
  local list = {}
  if word == "cidrs" then
    for i, cidr in ipairs(inp.access_cidrs) do list[i] = { cidr, { CidrIp = cidr } } end
  elseif groups[word] then
    list[1] = { word, { SourceSecurityGroupId = groups[word].GroupId } }
  end
  return list
end

-- A rule is a resource of its own: groups that name each other could not be created otherwise.
local function add_rule(inp, groups, rule)
  local group, from, to, word = table.unpack(rule)
  local ports = from == to and tostring(from) or ("%d-%d"):format(from, to)
  for _, source in ipairs(sources(inp, groups, word)) do
    local name = ("%s-%s-from-%s"):format(group, ports, (source[1]:gsub("[./]", "-")))
    EC2.SecurityGroupIngress(name) {
      GroupId = groups[group].GroupId, IpProtocol = "tcp", FromPort = from, ToPort = to,
      CidrIp = source[2].CidrIp, SourceSecurityGroupId = source[2].SourceSecurityGroupId,
      Description = ("%s from %s"):format(ports, source[1]),
    }
  end
end

local function security_groups(inp)
  local groups = { ["frontend-lb"] = inp.frontend_group, ["backend-lb"] = inp.backend_group }
  for _, spec in ipairs(GROUPS) do
    local short, purpose = spec[1], spec[2]
    local name = ("%s-%s"):format(inp.name, short == "core" and "core-servers-sg" or short)
    groups[short] = EC2.SecurityGroup(short) {
      GroupName = name, GroupDescription = purpose, VpcId = inp.vpc,
      SecurityGroupEgress = { { IpProtocol = "-1", CidrIp = "0.0.0.0/0",
        Description = "everything" } },
      Tags = { Name = name },
    }
  end
  for _, rule in ipairs(RULES) do
    if groups[rule[1]] then add_rule(inp, groups, rule) end
  end
  -- Without a load balancer the portal is reached from the networks that may reach the jump server.
  if not inp.frontend_group then add_rule(inp, groups, { "frontend", 8102, 8102, "cidrs" }) end
  return groups
end

local function server_role(inp)
  local arns = {}
  for i, policy in ipairs(MANAGED_POLICIES) do arns[i] = "arn:aws:iam::aws:policy/" .. policy end
  local role = IAM.Role "servers" {
    RoleName = inp.name .. "-ec2-ssm-role",
    Description = "servers of the portal: SSM, CloudWatch, files, secrets",
    AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
      Effect = "Allow", Action = "sts:AssumeRole",
      Principal = { Service = "ec2.amazonaws.com" } } } },
    ManagedPolicyArns = arns,
  }
  local files = "arn:aws:s3:::" .. inp.files_bucket
  local secrets = cso.fmt("arn:aws:secretsmanager:%s:%s:secret:%s/cso/*",
    inp.region, cso.account().id, inp.name)
  local policy = IAM.RolePolicy "servers" {
    RoleName = role, PolicyName = "files-and-secrets",
    PolicyDocument = { Version = "2012-10-17", Statement = {
      { Sid = "ListFiles", Effect = "Allow", Action = "s3:ListBucket", Resource = files },
      { Sid = "ReadFiles", Effect = "Allow", Action = "s3:GetObject", Resource = files .. "/*" },
      { Sid = "ReadSecrets", Effect = "Allow", Action = "secretsmanager:GetSecretValue",
        Resource = secrets },
    } },
  }
  local profile = IAM.InstanceProfile("servers", { after = { policy } }) {
    InstanceProfileName = inp.name .. "-ec2-ssm-profile", Roles = { role },
  }
  return role, profile
end

local function encryption_key(inp)
  local key = KMS.Key("main", { retain = inp.keep_key }) {
    Description = inp.name .. " portal: file systems and database", EnableKeyRotation = true,
    PendingWindowInDays = inp.prod and 30 or 7,
  }
  KMS.Alias "main" { AliasName = ("alias/%s-cso"):format(inp.name), TargetKeyId = key.KeyId }
  return key
end

local function passwords(inp)
  local secrets = {}
  for _, spec in ipairs(PASSWORDS) do
    local name, length = spec[1], spec[2]
    local password = cso.random.password(name) { length = length, exclude = PUNCTUATION }
    secrets[name] = {
      value = password.value,
      secret = SecretsManager.Secret(name) {
        Name = ("%s/cso/%s"):format(inp.name, name), SecretString = password.value,
        Description = ("%s portal: %s"):format(inp.name, name),
      },
    }
  end
  return secrets
end

-- Certificates are public and travel with the files; each private key is a secret of its own.
local function certificates(inp)
  local authority = cso.tls.Authority "root" {
    Bits = 4096, ValidityDays = 30 * 365, Organization = "DXC",
    CommonName = inp.name .. " DXC SSP Root CA",
  }
  -- Later leaves are issued from it. Outside of <name>/cso/, so that no server can read it.
  SecretsManager.Secret "root-ca" {
    Name = inp.name .. "/ca/root", SecretString = authority.KeyAndCertificatePem,
    Description = inp.name .. " portal: root CA, key and certificate",
  }
  local leaves = {}
  for _, host in ipairs(inp.hosts) do
    local names = { ("%s.%s"):format(host.name, inp.zone), host.name }
    for _, alias in ipairs(host.aliases or {}) do
      names[#names + 1] = ("%s.%s"):format(alias, inp.zone)
    end
    local leaf = cso.tls.Certificate(host.name) {
      Authority = authority, CommonName = names[1], DnsNames = names, ValidityDays = 825,
      KeyAlgorithm = "EC_prime256v1",
    }
    leaves[host.name] = {
      leaf = leaf,
      key = SecretsManager.Secret("tls-" .. host.name) {
        Name = ("%s/cso/tls/%s"):format(inp.name, host.name), SecretString = leaf.PrivateKeyPem,
        Description = ("%s portal: private key of %s"):format(inp.name, host.name),
      },
    }
  end
  return authority, leaves
end

-- The balancers end TLS with a certificate of the private CA: clients on the company's machines
-- trust its root.
local function balancer_certificate(inp, authority)
  local names = {}
  for i, name in ipairs { "portal", "api", "identity", "services" } do
    names[i] = ("%s.%s"):format(name, inp.zone)
  end
  local leaf = cso.tls.Certificate "balancers" {
    Authority = authority, CommonName = names[1], DnsNames = names, ValidityDays = 825,
      KeyAlgorithm = "EC_prime256v1",
  }
  SecretsManager.Secret "tls-balancers" {
    Name = inp.name .. "/ca/balancers", SecretString = leaf.PrivateKeyPem,
    Description = inp.name .. " portal: private key of the balancers' certificate",
  }
  return ACM.Import "balancers" {
    CertificatePem = leaf.CertificatePem, PrivateKeyPem = leaf.PrivateKeyPem,
    ChainPem = leaf.ChainPem, Tags = { Name = inp.name .. "-balancers" },
  }
end

local function user_pool(inp)
  local pool = Cognito.UserPool "portal" {
    UserPoolName = inp.name .. "-cso-portal", UsernameAttributes = { "email" },
    AutoVerifiedAttributes = { "email" },
    AdminCreateUserConfig = { AllowAdminCreateUserOnly = true },
    Policies = { PasswordPolicy = {
      MinimumLength = 12, RequireLowercase = true, RequireUppercase = true,
      RequireNumbers = true, RequireSymbols = true, TemporaryPasswordValidityDays = 7,
    } },
  }
  -- The balancer's own callback path; Cognito wants the host in lower case.
  local callback = inp.frontend.DNSName:map(function(name)
    return ("https://%s/oauth2/idpresponse"):format(name:lower())
  end)
  local client = Cognito.UserPoolClient "portal" {
    UserPoolId = pool, ClientName = inp.name .. "-portal", GenerateSecret = true,
    AllowedOAuthFlowsUserPoolClient = true, AllowedOAuthFlows = { "code" },
    AllowedOAuthScopes = { "openid", "email" }, SupportedIdentityProviders = { "COGNITO" },
    CallbackURLs = { callback, ("https://portal.%s/oauth2/idpresponse"):format(inp.zone) },
  }
  -- The prefix is unique in the region, over all accounts.
  local domain = Cognito.UserPoolDomain "portal" {
    UserPoolId = pool, Domain = cso.fmt("%s-cso-%s", inp.name, cso.account().id),
  }
  return { pool = pool, client = client, domain = domain }
end

return cso.module {
  inputs = {
    name = cso.t.string,
    prod = cso.t.boolean { default = false },
    region = cso.t.region,
    zone = cso.t.domain,
    keep_key = cso.t.boolean { default = false }, -- destroying the rest leaves the key
    vpc = cso.t.resource("EC2.VPC"),
    access_cidrs = cso.t.list(cso.t.cidr), -- networks that may reach the jump server
    hosts = cso.t.list(cso.t.any), -- { name =, aliases = }: one certificate each
    files_bucket = cso.t.string, -- its name: the bucket itself comes later
    frontend = cso.t.resource { optional = true }, -- the network's load balancer, with ha
    frontend_group = cso.t.resource("EC2.SecurityGroup", { optional = true }),
    backend_group = cso.t.resource("EC2.SecurityGroup", { optional = true }),
  },
  build = function(inp)
    local role, profile = server_role(inp)
    local authority, leaves = certificates(inp)
    return {
      groups = security_groups(inp), role = role, profile = profile, key = encryption_key(inp),
      passwords = passwords(inp), authority = authority, certificates = leaves,
      balancer_certificate = inp.frontend and balancer_certificate(inp, authority) or nil,
      users = inp.frontend and user_pool(inp) or nil,
    }
  end,
}
