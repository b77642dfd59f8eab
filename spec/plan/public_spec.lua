-- What has a public address waits for its network's gateway, though no property says so.
local public = require "cso.plan.public"

describe("the way to the internet", function()
  -- One word per node: its type, what it needs, its properties.
  local function work(nodes)
    local w = { addresses = {}, nodes = {} }
    for address, n in pairs(nodes) do
      w.addresses[#w.addresses + 1] = address
      w.nodes[address] = { address = address, type = "AWS::" .. n[1], depends = n[2], decl = { properties = n[3] or {} },
        orphan = n.orphan }
    end
    table.sort(w.addresses)
    assert(public(w))
    return w.nodes
  end

  local function network(more)
    local nodes = { vpc = { "EC2::VPC", {} }, igw = { "EC2::InternetGateway", {} },
      open = { "EC2::VPCGatewayAttachment", { "igw", "vpc" }, { InternetGatewayId = {} } },
      private_line = { "EC2::VPCGatewayAttachment", { "vpc" }, { VpnGatewayId = {} } }, subnet = { "EC2::Subnet", { "vpc" } } }
    for address, n in pairs(more) do nodes[address] = n end
    return work(nodes)
  end

  it("comes before what faces it", function()
    local nodes = network {
      web = { "ElasticLoadBalancingV2::LoadBalancer", { "subnet" } },
      inner = { "ElasticLoadBalancingV2::LoadBalancer", { "subnet" }, { Scheme = "internal" } },
      nat = { "EC2::NatGateway", { "subnet" } },
      private = { "EC2::NatGateway", { "subnet" }, { ConnectivityType = "private" } },
      route = { "EC2::Route", { "igw", "vpc" }, { GatewayId = {} } },
      group = { "EC2::SecurityGroup", { "vpc" } },
    }
    assert.same({ "open", "subnet" }, nodes.web.depends)
    assert.same({ "open", "subnet" }, nodes.nat.depends)
    assert.same({ "igw", "open", "vpc" }, nodes.route.depends)
    for _, address in ipairs { "inner", "private" } do assert.same({ "subnet" }, nodes[address].depends) end
    assert.same({ "vpc" }, nodes.group.depends)
  end)

  it("is waited for once, and never in a circle", function()
    local nodes = network {
      nat = { "EC2::NatGateway", { "open", "subnet" } },
      web = { "ElasticLoadBalancingV2::LoadBalancer", { "nat", "subnet" } },
    }
    assert.same({ "open", "subnet" }, nodes.nat.depends)
    assert.same({ "nat", "subnet" }, nodes.web.depends)
    nodes = network {
      odd = { "EC2::NatGateway", { "vpc" } },
      open = { "EC2::VPCGatewayAttachment", { "odd", "vpc" }, { InternetGatewayId = {} } },
    }
    assert.same({ "vpc" }, nodes.odd.depends)
  end)

  it("of another network, or of one that goes, is nobody's", function()
    local nodes = network {
      other = { "EC2::VPC", {} },
      nat = { "EC2::NatGateway", { "other" } },
      gone = { "EC2::NatGateway", { "subnet" }, orphan = true },
    }
    assert.same({ "other" }, nodes.nat.depends)
    assert.same({ "subnet" }, nodes.gone.depends)
  end)
end)
