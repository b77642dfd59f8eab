-- Who takes the name of what goes waits for it; where that can't be, the plan says so.
local actions = require "cso.plan.actions"
local deep = require "cso.std.deep"
local graph = require "cso.graph"
local heirs = require "cso.plan.heirs"
local moments = require "cso.graph.moments"
local value = require "cso.std.value"

local subnet = { type = "AWS::EC2::Subnet", native = true, id_name = "SubnetId", spec = { claims = { "VpcId", "CidrBlock" } } }
local role = { type = "AWS::IAM::Role", native = true, id_name = "RoleName", spec = { name = { "RoleName" } } }
local pool = { type = "AWS::Cognito::UserPool", native = true, id_name = "UserPoolId",
  spec = { name = { "UserPoolName", shared = true } } }
local group = { type = "AWS::EC2::SecurityGroup", native = true, id_name = "Id",
  spec = { name = { "GroupName", within = "VpcId" } } }
local queue = { type = "AWS::SQS::Queue", native = false, id_name = "QueueUrl", spec = {},
  schema = { properties = { QueueName = {} } } }
local route = { type = "AWS::EC2::Route", native = true, spec = {
  natural = function(r) return r.desired.Table .. "|" .. r.desired.To end } }

local function new(kind, desired, fields)
  local node = { action = "create", form = "resource", kind = kind, desired = desired, decl = {}, depends = {}, options = {} }
  for k, v in pairs(fields or {}) do node[k] = v end
  return node
end

local function old(kind, declared, fields)
  local node = { action = "delete", form = "resource", kind = kind, depends = {}, options = {},
    record = { declared = declared, id = "id-of-old", target = {}, depends = {} } }
  for k, v in pairs(fields or {}) do node[k] = v end
  return node
end

local function plan(nodes)
  local work = { nodes = nodes, opts = {} }
  for address, node in pairs(nodes) do
    node.address = address
  end
  actions.begin(work)
  for address, node in deep.sorted_pairs(nodes) do
    actions.add(work, { address = address, action = node.action, reasons = {} })
  end
  return work
end

local function waits(nodes)
  local work = plan(nodes)
  assert(heirs(work))
  assert(graph.build((moments.build(work))))
  local out = {}
  for address, node in pairs(work.nodes) do out[address] = node.waits_for end
  return out, work
end

-- A user of the old one that will use the new one.
local function user()
  return new(role, { RoleName = "other" }, { action = "update", depends = { "b" }, record = { depends = { "a" }, id = "u" } })
end

describe("what takes the place of what goes", function()
  it("waits for it: a name, a range, an id that follows from the properties", function()
    assert.same({ b = { "a" } }, (waits { a = old(role, { RoleName = "x" }), b = new(role, { RoleName = "x" }) }))
    assert.same({ b = { "a" } }, (waits { a = old(subnet, { VpcId = "v", CidrBlock = "c" }),
      b = new(subnet, { VpcId = "v", CidrBlock = "c" }) }))
    local gone = old(route, {})
    gone.record.id = "t|0.0.0.0/0"
    assert.same({ b = { "a" } }, (waits { a = gone, b = new(route, { Table = "t", To = "0.0.0.0/0" }) }))
    assert.same({ b = { "a" } }, (waits { a = old(queue, { QueueName = "q" }), b = new(queue, { QueueName = "q" }) }))
  end)

  it("says so in the plan, and how to keep the old one", function()
    local _, work = waits { a = old(role, { RoleName = "x" }), b = new(role, { RoleName = "x" }) }
    assert.same({ 'it takes the RoleName of a, which goes first; to keep that one: cso.moved { from = "a", to = "b" }' },
      work.actions[2].reasons)
  end)

  it("waits for nothing where nothing is the same", function()
    assert.same({}, (waits { a = old(role, { RoleName = "x" }), b = new(role, { RoleName = "y" }) }))
    assert.same({}, (waits { a = old(pool, { UserPoolName = "x" }), b = new(pool, { UserPoolName = "x" }) }))
    assert.same({}, (waits { a = old(group, { GroupName = "x", VpcId = "v" }),
      b = new(group, { GroupName = "x", VpcId = "w" }) }))
    assert.same({}, (waits { a = old(role, { RoleName = "x" }), b = new(role, { RoleName = "x" },
      { decl = { target = { region = "eu-west-2" } } }) }))
    assert.same({}, (waits { a = old(subnet, { VpcId = "v", CidrBlock = "c" }),
      b = new(subnet, { VpcId = value.unknown {}, CidrBlock = "c" }) }))
    assert.same({}, (waits { a = old(role, { RoleName = "x" }, { action = "forget" }), b = new(role, { RoleName = "x" }) }))
  end)

  it("takes things that are no AWS's as they are", function()
    local secret = { type = "cso.random.password", native = true, spec = {} }
    assert.same({}, (waits { a = old(secret, {}), b = new(secret, { length = 20 }) }))
  end)

  it("lets two change places", function()
    local function swapped(from, to)
      local node = old(subnet, { VpcId = "v", CidrBlock = from }, { action = "replace", replace_order = "delete_first" })
      node.desired, node.decl = { VpcId = "v", CidrBlock = to }, {}
      return node
    end
    assert.same({ a = { "b" }, b = { "a" } }, (waits { a = swapped("1", "2"), b = swapped("2", "1") }))
  end)

  it("is refused where the old one stays until its user has the new one", function()
    local ok, e = heirs(plan { a = old(role, { RoleName = "x" }), b = new(role, { RoleName = "x" },
      { where = { file = "p.lua", line = 3 } }), u = user() })
    assert.is_nil(ok)
    assert.same({ "taken", "p.lua:3" }, { e.code, e.where })
    assert.match("has to stay until u uses the new one", e.message, 1, true)
    assert.match('cso.moved { from = "a", to = "b" }', e.hint, 1, true)
  end)

  it("is not refused for a name that two may have, as far as is known", function()
    assert.same({}, (waits { a = old(queue, { QueueName = "x" }), b = new(queue, { QueueName = "x" }), u = user() }))
  end)
end)
