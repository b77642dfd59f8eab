-- Secrets in the hands of a playbook: none gets into a text, a command line or a property of another type unseen.
local redact = require("cso.std.redact")
local support = require("spec.playbook.support")
local value = require("cso.std.value")

local SECRET = "local s = cso.secret 'Hidden-40217'\n"

describe("a secret in a playbook", function()
  before_each(support.setup)
  after_each(support.teardown)

  it("makes no text that would say (sensitive) in the account", function()
    for _, text in ipairs { "string.format('x=%s', s)", "tostring(s)", "('%s'):format(s)" } do
      local message, place, e = support.refused(SECRET .. "cso.aws.EC2.Instance 'i' { UserData = " .. text .. " }")
      assert.equal("can't make a text of a secret: the text would say (sensitive)", message)
      assert.equal("main.lua:3", place)
      assert.match("cso%.fmt", e.hint)
    end
    local p = support.program(SECRET .. "cso.aws.EC2.Instance 'i' { UserData = cso.fmt('x=%s', s) }")
    assert.equal("x=Hidden-40217", value.reveal(p.declarations[1].properties.UserData))
  end)

  it("is printed by csorun all the same", function()
    assert.equal("(sensitive)", tostring(value.secret("Hidden-40218")))
    assert.equal("(sensitive)", ("%s"):format(value.secret("Hidden-40219")))
  end)

  it("is held to the type of its property, and not told when it does not fit", function()
    local p = support.program [[
cso.aws.RDS.DBInstance "d" { MaxAllocatedStorage = cso.secret "40", MultiAZ = cso.secret "true", Engine = cso.secret "x" }]]
    local properties = p.declarations[1].properties
    assert.same({ 40, true, "x" }, value.reveal { properties.MaxAllocatedStorage, properties.MultiAZ, properties.Engine })
    assert.is_true(value.is_secret(properties.MultiAZ))
    local message = support.refused [[
cso.aws.RDS.DBInstance "d" { MaxAllocatedStorage = cso.secret "Hidden-40220", MultiAZ = cso.secret "Hidden-40221" }]]
    assert.match("MaxAllocatedStorage must be an integer, and the secret is none", message)
    assert.match("MultiAZ must be a boolean, and the secret is none", message)
    assert.is_nil(message:find("Hidden", 1, true))
  end)

  it("is not put into the words that a process is started with", function()
    for _, text in ipairs { "os.execute('true ' .. s:value())", "io.popen('true ' .. s:value(), 'r')",
      "os.execute('echo ' .. cso.base64('a' .. s):value())", "os.execute(s:value())" } do
      local message, place, e = support.refused(SECRET .. text)
      assert.match("would show a secret to everybody who lists this machine's processes", message)
      assert.equal("main.lua:3", place)
      assert.equal("secret_in_command", e.code)
    end
    support.program(SECRET .. [[
assert(os.execute "true")
local pipe = assert(io.popen("cat > /dev/null", "w"))
pipe:write(s:value())
assert(pipe:close())
assert(os.getenv and io.open and io.stdout)]])
  end)

  it("opens for a call of the API", function()
    local asked = {}
    local client = { call = function(_, operation, params)
      asked[#asked + 1] = { operation, params }
      return {}
    end, waits = true }
    local session = { client = function() return client end, region = function() return "eu-west-2" end }
    support.program(SECRET .. [[
cso.api.ssm:GetParameter { Name = "/x/" .. s }
cso.api.ssm:GetParameters { Names = { s, "plain" } }]], { session = session })
    assert.same({ { "GetParameter", { Name = "/x/Hidden-40217" } },
      { "GetParameters", { Names = { "Hidden-40217", "plain" } } } }, asked)
    local message, place = support.refused([[
local vpc = cso.aws.EC2.VPC "v" {}
cso.api.ec2:DescribeVpcs { VpcIds = { vpc.VpcId } }]], { session = session })
    assert.match("can't call with ${EC2.VPC.v.VpcId}: it is known only after it is applied", message, 1, true)
    assert.equal("main.lua:3", place)
  end)
end)

describe("known secrets", function()
  it("are found in a text whatever form they travel in; short ones are not looked for", function()
    redact.remember("Hidden/4 0222")
    redact.remember("abc")
    for text, found in pairs { ["x Hidden/4 0222"] = true, ["Hidden%2F4%200222"] = true, ["abc"] = false, [""] = false } do
      assert.equal(found, redact.tells(text), text)
    end
  end)
end)

describe("the name of a stack that its file gives", function()
  before_each(support.setup)
  after_each(support.teardown)

  local playbook = require("cso.playbook")

  local function named(file)
    local path = support.write(file, "local cso = require 'cso'\ncso.output { x = 1 }")
    local program, e = playbook.load(path)
    assert(program, tostring(e))
    return program.stack.name
  end

  it("is that of no other file", function()
    local seen = {}
    for _, file in ipairs { "a-b.lua", "a b.lua", "a  b.lua", "日本.lua", "東京.lua", "-.lua", ".a.lua", "a.lua", "...lua",
      ("x"):rep(200) .. "1.lua", ("x"):rep(200) .. "2.lua" } do
      local name = named(file)
      assert.match("^%w[%w._-]*$", name)
      assert.is_true(#name <= 128)
      assert.is_nil(seen[name], file .. " and " .. tostring(seen[name]))
      seen[name] = file
    end
    assert.equal("a-b.lua", seen["a-b"])
    assert.equal("a.lua", seen.a)
  end)
end)
