-- A secret in every sort of property: the account gets it, and nobody is told: no plan, drift, history, state.
local json = require "cso.std.json"
local shell = require "spec.cmd.shell_line"

local ONE, TWO, OLD = "MarkedSecret-9182", "MarkedOther-7711", "MarkedSecret-0000"

local PLAYBOOK = [[
local cso = require "cso"
cso.stack { name = "spec" }
local env = cso.env { pw = cso.t.string { sensitive = true }, other = cso.t.string { sensitive = true } }
local s, s2, EC2 = env.pw, env.other, cso.aws.EC2
local v = EC2.VPC "v" { CidrBlock = "10.0.0.0/16", Tags = { A = s, B = "x" .. s2 } }
EC2.LaunchTemplate "l" { LaunchTemplateData = { UserData = cso.base64("#!/bin/sh\npw=" .. s), ImageId = "ami-12345678" } }
cso.aws.SSM.Parameter "p" { Type = "String", Name = "/p", Value = "conn=" .. s }
cso.aws.SecretsManager.Secret "s" { Name = "n", SecretString = cso.json { a = s, b = s2 } }
local role = cso.aws.IAM.Role "r" { Description = "role " .. s, AssumeRolePolicyDocument = { Version = "2012-10-17",
  Statement = { { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" } } } }
cso.aws.Lambda.Function "f" { FunctionName = "f", Role = role.Arn, Runtime = "python3.12", Handler = "index.b",
  Code = { ZipFile = "def b(e,c): return '" .. s .. "'" }, Environment = { Variables = { K = s, J = "u:" .. s2 } } }
cso.aws.SQS.Queue "q" { QueueName = "qq", Tags = { z = s } }
cso.aws.IAM.RolePolicy "rp" { RoleName = role, PolicyName = "p", PolicyDocument = { Version = "2012-10-17", Statement = {
  { Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { StringEquals = { ["aws:Referer"] = s } } } } } }
EC2.SecurityGroup "g" { GroupDescription = "g", VpcId = v, SecurityGroupIngress = { { IpProtocol = "tcp", FromPort = 80,
  ToPort = 80, CidrIp = "10.0.0.0/8", Description = "by " .. s2 } } }
local bucket = cso.aws.S3.Bucket "b" { BucketName = "places-of-secrets" }
cso.s3.Object "o" { Bucket = bucket, Key = "k", Content = "c=" .. s }
cso.aws.Logs.LogGroup "lg" { LogGroupName = "/x", Tags = { z = s } }
cso.step "st" { run = function() return { v = s, n = "a" .. s2, [s:value()] = 1 } end }
cso.output { x = s, y = "a" .. s2, z = { s } }
]]

describe("a secret in any property", function()
  local dir

  local function write(name, text)
    local file = assert(io.open(dir .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end

  local function told(text, where)
    for _, secret in ipairs { ONE, TWO, OLD, "MarkedS", "TWFya2VkU2", "1hcmtlZFNlY3", "NYXJrZWRTZW" } do
      assert.is_nil(text:find(secret, 1, true), where .. " tells " .. secret)
    end
  end

  local function csorun(words, open)
    local text, status = shell("$B/csorun --sim --region us-east-1 " .. words, dir)
    if not open then told(text, words) end
    for _, name in ipairs { "sim-spec.db", "sim-spec.db-wal", "sim-spec.db.backup", "plan.json", "report.html" } do
      local file = io.open(("%s/%s%s"):format(dir, name:match "^sim" and ".cso/" or "", name), "rb")
      if file then
        told(file:read "a", name .. " after " .. words)
        file:close()
      end
    end
    return status, text
  end

  local function asked(words)
    local _, text = csorun("exec " .. words .. " --json --reveal", true)
    return json.decode(text)
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
    write("p.lua", PLAYBOOK)
    write("new.yaml", ("pw: %s\nother: %s\n"):format(ONE, TWO))
    write("old.yaml", ("pw: %s\nother: %s\n"):format(OLD, TWO))
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("reaches the account, and nobody else", function()
    local status, text = csorun "apply p.lua --env old.yaml -y --trace --json"
    assert.equal(0, status, text)
    assert.equal("conn=" .. OLD, asked "ssm.GetParameter Name=/p --query Parameter.Value")
    assert.equal(OLD, asked "ec2.DescribeVpcs --query \"Vpcs[?CidrBlock=='10.0.0.0/16'].Tags[]|[?Key=='A'].Value|[0]\"")
    assert.equal(OLD, asked "logs.ListTagsLogGroup logGroupName=/x --query tags.z")
    status, text = csorun "plan p.lua --env old.yaml --detailed-exitcode"
    assert.equal(0, status, text)
    for _, words in ipairs { "plan p.lua --env new.yaml --json --full --calls", "plan p.lua --env new.yaml --full",
      "plan p.lua --env new.yaml --out plan.json", "plan p.lua --env new.yaml --rehearse --json",
      "apply p.lua --env new.yaml -y --trace --full", "history --json", "output --json", "state show EC2.VPC.v",
      "state show Lambda.Function.f --json", "graph p.lua --env new.yaml" } do
      status, text = csorun(words)
      assert.equal(0, status, words .. text)
    end
    assert.equal(ONE, asked "logs.ListTagsLogGroup logGroupName=/x --query tags.z")
    for id in select(2, csorun "history --json"):gmatch '"id":%s*"([^"]+)"' do csorun("history show --json " .. id) end
    asked "lambda.UpdateFunctionConfiguration FunctionName=f 'Environment={\"Variables\":{\"K\":\"other\"}}'"
    asked "ssm.PutParameter Name=/p Value=other Overwrite=true"
    status, text = csorun "drift p.lua --env new.yaml --json"
    assert.equal(2, status, text)
    csorun "drift p.lua --env new.yaml --full"
    csorun "plan --refresh-only p.lua --env new.yaml --json"
    write("p.lua", (PLAYBOOK:gsub("K = s, ", 'K = "plain", ')))
    csorun "plan p.lua --env new.yaml --json --full"
    status, text = csorun "destroy p.lua --env new.yaml -y --json --trace"
    assert.equal(0, status, text)
  end)

  it("is named by nothing", function()
    for _, body in ipairs { 'SSM.Parameter "p" { Type = "String", Value = "x", Name = "/" .. s }',
      "SQS.Queue 'q' { QueueName = s }",
      'S3.Bucket "b" { BucketName = s }', 'KMS.Alias "a" { AliasName = "alias/" .. s, TargetKeyId = "k" }',
      'Lambda.Function "f" { FunctionName = s, Role = "r", Code = {} }',
      'S3.Bucket "b" { BucketName = "bb" } cso.s3.Object "o" { Bucket = "bb", Key = s, Content = "x" }' } do
      write("q.lua", 'local cso = require "cso"\nlocal s = cso.secret "' .. ONE .. '"\ncso.aws.' .. body .. "\n")
      local status, text = csorun "plan q.lua"
      assert.equal(3, status, text)
      assert.match("can't be a secret", text, 1, true)
    end
  end)

  it("tells of itself no digest that a short one could be found by", function()
    write("q.lua", 'local cso = require "cso"\nlocal b = cso.aws.S3.Bucket "b" { BucketName = "places-of-secrets" }\n'
      .. 'cso.s3.Object "o" { Bucket = b, Key = "k", Content = cso.secret "7" }\n')
    local status, text = csorun "apply q.lua -y"
    assert.equal(0, status, text)
    status, text = csorun "plan q.lua --detailed-exitcode"
    assert.equal(0, status, text)
    text = select(2, csorun "state pull --stack q")
    assert.is_nil(text:find("7902699be42c8a8e46fbbb4501726517", 1, true))
    assert.is_nil(text:find("8f14e45fceea167a5a36dedd4bea2543", 1, true))
  end)

  it("is hidden again where a step had opened it", function()
    write("q.lua", [[
local cso = require "cso"
cso.stack { name = "spec" }
local n = 0
local p = cso.aws.SSM.Parameter "p" { Type = "String", Value = "v" .. cso.secret "]] .. ONE .. [[" }
cso.step("st", { after = { p } }) { every = "10ms", run = function(s)
  n = n + 1
  local v = p.Value:value()
  print(v, "x" .. v)
  if n == 1 then return s:retry("wait for " .. v) end
  return { clear = v, deep = { "a" .. v }, plain = "kept" }
end }
]])
    local status, text = csorun "apply q.lua -y --json"
    assert.equal(0, status, text)
    assert.match("%(sensitive%)", text)
    status, text = csorun "plan q.lua --detailed-exitcode"
    assert.equal(0, status, text)
  end)

  it("is not told by what goes wrong with it", function()
    local head = 'local cso = require "cso"\nlocal s = cso.secret "' .. ONE .. '"\n'
    local P = 'cso.aws.SSM.Parameter "p" { Type = "String", Value = '
    for _, body in ipairs { 'print("x" .. s)', "error(s)", 'error("it is " .. s)', "print(#s)", "print(s < 'x')",
      "print(string.rep(s, 2))", "print(table.concat({ s }, ','))", "for k, v in next, s do print(k, v) end",
      "print(string.format('%q', s))", "require(s)", "cso.use('cso.modules.' .. s)", "cso.nothing(s)",
      P .. "s:map(function(v) error('bad ' .. v) end) }", P .. "s:map(function(v) error(v:upper()) end) }",
      P .. "s:map(function(v) return { [v] = v } end) }", 'cso.aws.SSM.Parameter("x" .. s) { Type = "String", Value = "x" }',
      'cso.aws.SSM.Parameter "p" { Type = s, Value = "x" }', 'cso.aws.EC2.VPC "v" { CidrBlock = s }',
      'cso.aws.EC2.VPC "v" { CidrBlock = "10.0.0.0/16", [s] = 1 }', "cso.output { [s] = 1 }",
      'cso.step "st" { run = function() error(s) end }', 'cso.step "st" { run = function() print(s) error("a" .. s) end }',
      P .. '"v" .. s } cso.step("st", { after = { "SSM.Parameter.p" } }) { run = function() print(s:upper(), s) end }',
      "cso.cidr.subnet(s, 8, 1)", "cso.target { role = s }", ") " .. 'cso.secret "' .. ONE .. '"' } do
      write("q.lua", head .. body .. "\n")
      local _, text = csorun "apply q.lua -y --trace"
      assert.is_nil(text:find("MARKED", 1, true), body)
    end
  end)
end)
