local cidr = require("cso.std.cidr")

describe("cidr", function()
  it("cuts subnets as Terraform's cidrsubnet does", function()
    for _, case in ipairs {
      { "172.16.0.0/12", 4, 2, "172.18.0.0/16" }, { "10.1.2.0/24", 4, 15, "10.1.2.240/28" },
      { "fd00:fd12:3456:7890::/56", 16, 162, "fd00:fd12:3456:7800:a200::/72" },
      { "10.20.255.1/16", 8, 7, "10.20.7.0/24" }, { "2001:db8::/32", 96, 1, "2001:db8::1/128" },
      { "0.0.0.0/0", 1, 1, "128.0.0.0/1" }, { "::/0", 64, 1 << 40, "0:100::/64" },
    } do
      assert.are.equal(case[4], cidr.subnet(case[1], case[2], case[3]))
    end
  end)

  it("cuts consecutive subnets as Terraform's cidrsubnets does", function()
    assert.are.same({ "10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20" },
      cidr.subnets("10.1.0.0/16", 4, 4, 8, 4))
    assert.are.same({ "fd00:fd12:3456:7800::/72", "fd00:fd12:3456:7800:100::/72", "fd00:fd12:3456:7800:200::/72",
      "fd00:fd12:3456:7800:300::/88" }, cidr.subnets("fd00:fd12:3456:7890::/56", 16, 16, 16, 32))
    assert.is_nil(cidr.subnets("10.0.0.0/24", 1, 1, 1))
  end)

  it("finds hosts from both ends", function()
    assert.are.equal("10.12.112.16", cidr.host("10.12.112.0/20", 16))
    assert.are.equal("10.12.113.12", cidr.host("10.12.112.0/20", 268))
    assert.are.equal("10.12.127.255", cidr.host("10.12.112.0/20", -1))
    assert.are.equal("fd00:fd12:3456:7890::22", cidr.host("fd00:fd12:3456:7890:00a2::/72", 34))
    assert.is_nil(cidr.host("10.0.0.0/30", 4))
    assert.is_nil(cidr.host("10.0.0.0/30", -5))
    assert.are.equal("10.0.0.0", cidr.host("10.0.0.0/30", -4))
  end)

  it("compares blocks", function()
    assert.is_true(cidr.contains("10.0.0.0/8", "10.255.0.0/16"))
    assert.is_false(cidr.contains("10.0.0.0/16", "10.0.0.0/8"))
    assert.is_true(cidr.contains("2001:db8::/32", "2001:db8:1::1"))
    assert.is_false(cidr.contains("::/0", "10.0.0.1"))
    assert.is_true(cidr.overlaps("10.0.0.0/16", "10.0.128.0/17"))
    assert.is_false(cidr.overlaps("10.0.0.0/17", "10.0.128.0/17"))
    assert.are.equal("255.255.240.0", cidr.netmask("172.16.0.0/20"))
  end)

  it("writes IPv6 in the short form", function()
    assert.are.equal("2001:db8:0:1:1:1:1:1", cidr.parse("2001:db8:0:1:1:1:1:1/128").network)
    assert.are.equal("1:0:0:2::", cidr.parse("1:0:0:2:0:0:0:0/64").network)
    assert.are.equal("::102:304", cidr.parse("::1.2.3.4/128").network)
  end)

  it("refuses what is no block", function()
    for _, text in ipairs { "10.0.0/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.256/8", "010.0.0.0/8", ":::/8",
      "1::2::3/8", "1:2:3:4:5:6:7/64", "1:2:3:4:5:6:7:8:9/64", "::/129", "g::/8", "", "/8" } do
      assert.is_nil(cidr.parse(text), text)
    end
    assert.is_nil(cidr.subnet("10.0.0.0/16", 4, 16))
    assert.is_nil(cidr.subnet("10.0.0.0/30", 4, 0))
    assert.is_nil(cidr.subnet("10.0.0.0/16", 4, 1.5))
  end)
end)
