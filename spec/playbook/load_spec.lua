local playbook = require("cso.playbook")
local support = require("spec.playbook.support")
local value = require("cso.std.value")

describe("loading a playbook", function()
  before_each(support.setup)
  after_each(support.teardown)

  it("tells faults with the user's line and without a stack", function()
    for text, want in pairs {
      ["local x =\n"] = { "syntax error: unexpected symbol near <eof>", "main.lua:3" },
      ["local x\nx.y = 1"] = { "attempt to index a nil value (local 'x')", "main.lua:3" },
      ["error('no')"] = { "no", "main.lua:2" },
      ["error({ code = 'x', message = 'm' })"] = { "m", "main.lua:2" },
      ["\nlocal s = cso.cidr.subnet('10.0.0.0/33', 1, 1)"] = {
        '"10.0.0.0/33" is no CIDR block: write 10.0.0.0/16 or 2001:db8::/56', "main.lua:3" },
      ["local s = ('x'):rep(1, 2, 3) .. nil"] = { "attempt to concatenate a nil value", "main.lua:2" },
      ["tostring(\n)"] = { "bad argument #1 to 'tostring' (value expected)", "main.lua:2" },
    } do
      local message, place, e = support.refused(text)
      assert.are.same(want, { message, place }, text)
      assert.are.equal("usage", e.class)
    end
  end)

  it("tells what file is not there", function()
    local program, e = playbook.load("/nonexistent/x.lua")
    assert.is_nil(program)
    assert.truthy(e.message:find("/nonexistent/x.lua", 1, true))
  end)

  it("runs a script with its arguments and its output", function()
    local printed = {}
    local p = support.program([[
local days = tonumber(... or "30")
cso.print.table({ "a", "b" }, { { 1, cso.secret("x") }, { days, "y" } })
cso.print("z", 1)
cso.print.line(cso.args[1])
]], { args = { "7" }, print = function(s) printed[#printed + 1] = s end })
    assert.are.equal("script", p.evaluated)
    local all = table.concat(printed)
    assert.truthy(all:find("(sensitive)", 1, true))
    assert.truthy(all:find("7", 1, true))
    assert.truthy(all:find("z\t1\n7\n", 1, true))
  end)

  it("collects outputs and checks", function()
    local p = support.program [[
local v = cso.aws.EC2.VPC "v" {}
cso.output { b = v.VpcId, a = 1 }
assert(cso.join({ "a", "b" }, "-") == "a-b" and cso.join {} == "")
cso.output { e = cso.join({ v.VpcId, 1, v.VpcId }, ",") }
cso.output { c = cso.secret(v.VpcId), d = cso.all{ v, v }:map(function(l) return #l end) }
cso.check("good", 1 == 1)
cso.check("bad", nil, "do it")
]]
    local names = {}
    for i, o in ipairs(p.outputs) do names[i] = o.name end
    assert.are.same({ "a", "b", "c", "d", "e" }, names)
    assert.are.equal("i,1,i", value.resolve(p.outputs[5].value, function() return "i" end))
    assert.is_true(value.is_sensitive(p.outputs[3].value))
    assert.are.equal(2, value.resolve(p.outputs[4].value, function() return {} end))
    assert.is_false(p.checks[2].ok)
    assert.are.equal("do it", p.checks[2].hint)
    assert.truthy(support.refused("cso.output { a = 1 }\ncso.output { a = 2 }"):find("twice: first at", 1, true))
    assert.truthy(support.refused('cso.output { a = cso.aws.EC2.VPC "v" {} }'):find("is the resource", 1, true))
  end)

  it("names the stack after the file when nobody says otherwise", function()
    assert.are.equal("main", support.program('cso.aws.EC2.VPC "v" {}').stack.name)
    support.refused 'cso.stack { name = "a b" }'
    support.refused 'cso.stack { nam = "a" }'
    support.refused 'cso.stack { name = "a" }\ncso.stack { name = "b" }'
  end)

  it("asks for the account when it is read, and once", function()
    local asked = 0
    local p = support.program([[
local a = cso.account()
cso.output { name = cso.fmt("%s-%s", "x", a.id), arn = cso.account().arn }
]], { identity = function() asked = asked + 1 return { id = "123456789012", arn = "arn:x" } end })
    assert.are.equal("x-123456789012", p.outputs[2].value)
    assert.are.equal(1, asked)
  end)

  it("reads files and templates beside the file that names them", function()
    support.write("a.tmpl", "v=${v}\n%{if x}x%{end}")
    support.write("a.txt", "content")
    local p = support.program [[
local v = cso.aws.EC2.VPC "v" {}
cso.output { t = cso.template("a.tmpl", { v = v.VpcId, x = false }):base64(), f = cso.file("a.txt"),
  plain = cso.template("a.tmpl", { v = 1, x = true }):base64(), r = cso.render("${a}", { a = 1 }) }
]]
    assert.are.equal("content", p.outputs[1].value)
    assert.are.equal("dj0xCng=", p.outputs[2].value)
    assert.are.equal("1", p.outputs[3].value)
    assert.are.equal("dj1pZAo=", value.resolve(p.outputs[4].value, function() return "id" end))
    local _, place = support.refused 'cso.file("b.txt")'
    assert.are.equal("main.lua:2", place)
    support.write("bad.tmpl", "a\n${b}")
    local message
    message, place = support.refused 'cso.template("bad.tmpl", {})'
    assert.are.same({ "b is not defined", "bad.tmpl:2" }, { message, place })
  end)

  it("lets read the account but not change it", function()
    local calls = {}
    local session = { region = function() end, client = function(_, service, from)
      return { call = function(_, operation, params)
        calls[#calls + 1] = service .. "." .. operation .. "@" .. tostring(from.region)
        if params.bad then return nil, { code = "Bad", message = "bad" } end
        return { Value = 1 }
      end }
    end }
    local p = support.program([[
cso.stack { name = "s", region = "eu-west-2" }
local v = cso.api.ssm {}:GetParameter { Name = "x" }.Value
cso.api.ec2 { region = "eu-west-1" }:DescribeVpcs {}
local s = cso.step "s" { run = function() return cso.api.ec2 {}:CreateVpc {} end }
cso.api.sts:GetCallerIdentity()
]], { session = session })
    p.declarations[1].run {}
    assert.are.same({ "ssm.GetParameter@eu-west-2", "ec2.DescribeVpcs@eu-west-1", "sts.GetCallerIdentity@eu-west-2",
      "ec2.CreateVpc@eu-west-2" }, calls)
    assert.match("write a colon: cso.api.sts:GetCallerIdentity",
      (support.refused("cso.api.sts.GetCallerIdentity()", { session = session })), 1, true)
    assert.match("operations begin with a capital", (support.refused("cso.api.sts:whoami()", { session = session })), 1, true)
    local message, place = support.refused("\ncso.api.ec2 {}:CreateVpc {}", { session = session })
    assert.truthy(message:find("ec2.CreateVpc changes the account", 1, true))
    assert.are.equal("main.lua:3", place)
    local e
    message, place, e = support.refused("\nlocal x = cso.api.ec2 {}:DescribeVpcs { bad = true }", { session = session })
    assert.are.same({ "bad", "main.lua:3", "ec2", "DescribeVpcs" }, { message, place, e.service, e.operation })
  end)

  it("hands tasks over", function()
    local p = support.program([[
local out = cso.map({ 1, 2 }, function(x) return x * 2 end)
cso.output { n = out[2] }]], { task = { map = function(list, fn)
      local out = {}
      for i, v in ipairs(list) do out[i] = fn(v) end
      return out
    end } })
    assert.are.equal(4, p.outputs[1].value)
  end)

  it("tells a mistake in a task of the playbook's as its own", function()
    require("cso.task").run(function()
      for text, want in pairs {
        ['cso.map({ 1 }, function() error "deep" end)'] = "deep",
        ["cso.parallel { function() cso.map({ 1 }, function() local x\nx.y = 1 end) end }"] =
          "attempt to index a nil value (local 'x')",
        ['cso.timeout(60, function() error "late" end)'] = "late",
        ['cso.scope(function(s) s:spawn(function() error "spawned" end) end)'] = "spawned",
      } do
        local message, place, e = support.refused(text)
        assert.equal(want, message)
        assert.match("^main%.lua:[23]$", place)
        assert.same({ "usage", "lua" }, { e.class, e.code })
      end
    end)
  end)

  it("keeps playbooks' globals apart", function()
    support.program("leaked = 1")
    assert.is_nil(rawget(_G, "leaked"))
  end)

  it("has its pure words outside of a playbook", function()
    local cso = require("cso")
    require("cso.playbook.evaluation").enter(nil)
    assert.are.equal("10.0.1.0/24", cso.cidr.subnet("10.0.0.0/16", 8, 1))
    local ok, e = pcall(function() return cso.output end)
    assert.is_false(ok)
    assert.truthy(e.message:find("works only in a playbook", 1, true))
  end)
end)

describe("a module", function()
  before_each(function()
    support.setup()
    support.write("net.lua", [[
local cso = require "cso"
return cso.module {
  inputs = { cidr = cso.t.cidr, vpc = cso.t.optional(cso.t.resource "EC2.VPC"), n = cso.t.integer { default = 2 } },
  build = function(inp)
    local vpc = cso.aws.EC2.VPC "main" { CidrBlock = inp.cidr }
    for i = 1, inp.n do cso.aws.EC2.Subnet("s" .. i) { VpcId = vpc } end
    return { vpc = vpc }
  end,
}]])
  end)
  after_each(support.teardown)

  it("puts what it declares under its address", function()
    local p = support.program [[
local a = cso.use "net" { cidr = "10.0.0.0/16" }
local b = cso.use("./net.lua", "other") { cidr = "10.1.0.0/16", n = 1, vpc = a.vpc }
]]
    local addresses = {}
    for i, d in ipairs(p.declarations) do addresses[i] = d.address end
    assert.are.same({ "net/EC2.VPC.main", "net/EC2.Subnet.s1", "net/EC2.Subnet.s2", "other/EC2.VPC.main",
      "other/EC2.Subnet.s1" }, addresses)
    assert.are.equal("net", p.declarations[1].module)
    assert.truthy(p.declarations[1].where.file:find("net.lua", 1, true))
  end)

  it("is checked where it is used", function()
    local message, place = support.refused 'cso.use "net" { cidr = "10.0.0.0", nn = 1 }'
    assert.truthy(message:find("module net has 2 faults in its inputs", 1, true))
    assert.truthy(message:find("nn unknown key; did you mean n?", 1, true))
    assert.are.equal("main.lua:2", place)
    message = support.refused 'cso.use "net" { cidr = "10.0.0.0/8" }\ncso.use "net" { cidr = "10.0.0.0/8" }'
    assert.truthy(message:find("used twice: first at main.lua:2", 1, true))
    assert.truthy(support.refused('cso.use "nat" {}'):find("there is no module nat", 1, true))
    support.write("lib.lua", "return {}")
    assert.truthy(support.refused('cso.use "lib" {}'):find("lib is no module", 1, true))
    support.write("typo.lua", [[
local cso = require "cso"
return cso.module { inputs = { a = cso.t.integer { default = 1 } }, build = function(inp)
  return inp.aa
end }]])
    message, place = support.refused 'cso.use "typo" {}'
    assert.are.same({ "the module's inputs has no aa", "typo.lua:3" }, { message, place })
  end)

  it("can be built side by side with others", function()
    support.write("slow.lua", [[
local cso = require "cso"
return cso.module { inputs = { n = cso.t.number }, build = function(inp)
  cso.sleep(inp.n)
  cso.aws.EC2.VPC "a" {}
  cso.parallel { function() cso.sleep(inp.n) cso.aws.EC2.VPC "b" {} end }
  cso.scope(function(s) s:spawn(function() cso.sleep(0) cso.aws.EC2.VPC "c" {} end) end)
  return true
end }]])
    local p
    require("cso.task").run(function()
      p = support.program [[
cso.parallel {
  function() cso.use("slow", "one") { n = 0.02 } end,
  function() cso.use("slow", "two") { n = 0.01 } end,
}
cso.aws.EC2.VPC "a" {}
]]
    end)
    local addresses = {}
    for i, d in ipairs(p.declarations) do addresses[i] = d.address end
    table.sort(addresses)
    assert.are.same({ "EC2.VPC.a", "one/EC2.VPC.a", "one/EC2.VPC.b", "one/EC2.VPC.c", "two/EC2.VPC.a", "two/EC2.VPC.b",
      "two/EC2.VPC.c" }, addresses)
  end)

  it("can go to another target", function()
    local p = support.program [[
local dr = cso.target { region = "eu-west-1" }
dr.use("net", "dr") { cidr = "10.0.0.0/16", n = 0 }
cso.aws.EC2.VPC "here" {}
]]
    assert.are.same({ region = "eu-west-1" }, p.declarations[1].target)
    assert.is_nil(p.declarations[2].target)
  end)

  it("is not needed for plain libraries", function()
    support.write("lib.lua", "return { double = function(x) return x * 2 end }")
    local p = support.program 'cso.output { n = require("lib").double(2) }'
    assert.are.equal(4, p.outputs[1].value)
  end)
end)
