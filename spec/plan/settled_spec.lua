-- What is settled stays without a closer look, so nothing may be called so that a closer look would change.
local json = require "cso.std.json"
local settled = require "cso.plan.settled"
local value = require "cso.std.value"

local function thing()
  local work = { unfinished = {} }
  local node = {
    address = "EC2.VPC.a", options = {}, kind = { hidden = {}, spec = {} },
    model = { CidrBlock = "10.0.0.0/16", Tags = { a = "b" }, List = json.array { "x", { y = 1 } }, VpcId = "vpc-1" },
    decl = { properties = { CidrBlock = "10.0.0.0/16", Tags = { a = "b" }, List = { "x", { y = 1 } } } },
    record = { status = "ready", declared = { CidrBlock = "10.0.0.0/16", Tags = { a = "b" }, List = { "x", { y = 1 } } } },
  }
  return work, node
end

local function secret(text) return value.secret(text) end

-- What makes a closer look necessary.
local UNSETTLED = {
  ["another text"] = function(_, n) n.decl.properties.CidrBlock = "10.1.0.0/16" end,
  ["another kind of value"] = function(_, n) n.decl.properties.CidrBlock, n.model.CidrBlock = 1, "1" end,
  ["something else there"] = function(_, n) n.model.CidrBlock = "10.1.0.0/16" end,
  ["something within is another there"] = function(_, n) n.model.Tags.a = "c" end,
  ["something more within there"] = function(_, n) n.model.Tags.c = "d" end,
  ["a shorter list there"] = function(_, n) n.model.List[2] = nil end,
  ["nothing there"] = function(_, n) n.model.Tags = nil end,
  ["declared for the first time"] = function(_, n) n.record.declared.CidrBlock = nil end,
  ["declared no longer"] = function(_, n) n.decl.properties.CidrBlock = nil end,
  ["a ref"] = function(_, n) n.decl.properties.CidrBlock = value.ref("EC2.VPC.b", "CidrBlock") end,
  ["a ref within"] = function(_, n) n.decl.properties.Tags.a = value.ref("EC2.VPC.b", "VpcId") end,
  ["a ref where a tree is"] = function(_, n) n.decl.properties.Tags = value.ref("EC2.VPC.b", "Tags") end,
  ["a secret"] = function(_, n) n.decl.properties.Tags.a, n.model.Tags.a = secret "k3ptByNobody-1", secret "k3ptByNobody-2" end,
  ["a property that no read shows"] = function(_, n) n.kind.hidden.CidrBlock = true end,
  ["a comparison of the kind's own"] = function(_, n) n.kind.spec.same = { CidrBlock = function() return false end } end,
  ["a kind that prepares"] = function(_, n) n.kind.spec.prepare = function() end end,
  ["a name that is made up"] = function(_, n) n.kind.spec.name = { "Name" } end,
  ["what is left to others"] = function(_, n) n.options.ignore = { "Tags" } end,
  ["protection"] = function(_, n) n.options.protect = true end,
  ["protection that is lifted"] = function(_, n) n.record.protect = true end,
  ["what stays"] = function(_, n) n.options.retain = "snapshot" end,
  ["what stays no longer"] = function(_, n) n.record.retain = true end,
  ["a creation that was interrupted"] = function(_, n) n.record.status = "partial" end,
  ["a taint"] = function(_, n) n.record.status = "tainted" end,
  ["an accepted deviation"] = function(_, n) n.record.accepted = { CidrBlock = { was = "10.0.0.0/16" } } end,
  ["what is remembered again"] = function(_, n) n.record.restored = true end,
  ["a secret that is lost"] = function(_, n) n.lost = "EC2.VPC.b" end,
  ["what follows another"] = function(_, n) n.follows = "because" end,
  ["what was asked for"] = function(_, n) n.asked = true end,
  ["what makes room"] = function(_, n) n.room = "because" end,
  ["an earlier one"] = function(_, n) n.taken_back = true end,
  ["the very thing of a rollback"] = function(_, n) n.decl.was = "vpc-0" end,
  ["what a rollback makes anew"] = function(_, n) n.decl.anew = "because" end,
  ["an interrupted change"] = function(w, n) w.unfinished[n.address] = {} end,
  ["another region"] = function(_, n) n.decl.target = { region = "eu-west-1" } end,
  ["another account"] = function(_, n) n.record.target = { role = "r" } end,
}

describe("what is settled", function()
  it("is declared, remembered and there alike", function()
    local work, node = thing()
    assert.is_true(settled(work, node, node.model))
  end)

  it("may have more there than is declared", function()
    local work, node = thing()
    node.model.IsDefault, node.options.timeouts = false, { create = "40m" }
    node.decl.target, node.record.target = { region = "eu-west-2" }, { region = "eu-west-2" }
    assert.is_true(settled(work, node, node.model))
  end)

  for what, change in pairs(UNSETTLED) do
    it("is not so with " .. what, function()
      local work, node = thing()
      change(work, node)
      assert.is_false(settled(work, node, node.model))
    end)
  end
end)
