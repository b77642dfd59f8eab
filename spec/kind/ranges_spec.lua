-- Address ranges by key: who has one keeps it.
local ranges = require "cso.kind.cso.net_ranges"
local value = require "cso.std.value"

local prepare = ranges.spec.prepare

local function given(keys, blocks, before, parts)
  local tree, e = prepare({ Keys = keys, Blocks = blocks, Parts = parts or 1 },
    { address = "net.Ranges.zones", record = before and { declared = before } })
  return tree, e
end

describe("ranges", function()
  it("are cut for the keys of the first time, each part by itself", function()
    assert.same({ a = { "10.0.0.0/26", "10.0.0.128/26" }, c = { "10.0.0.64/26", "10.0.0.192/26" } },
      given({ "a", "c" }, { "10.0.0.0/24" }, nil, 2).Ranges)
    assert.same({ a = { "10.0.0.0/26" }, b = { "10.0.0.64/26" }, c = { "10.0.0.128/26" } },
      given({ "a", "b", "c" }, { "10.0.0.0/24" }).Ranges)
    assert.same({ a = { "10.0.0.0/24" } }, given({ "a" }, { "10.0.0.0/24" }).Ranges)
    assert.same({ a = { "fd00::/57" }, b = { "fd00:0:0:80::/57" } }, given({ "a", "b" }, { "fd00::/56" }).Ranges)
  end)

  it("are kept, whatever goes before, comes after or changes its place in the list", function()
    local was = given({ "a", "b", "c" }, { "10.0.0.0/24" })
    assert.same({ b = { "10.0.0.64/26" }, c = { "10.0.0.128/26" } }, given({ "c", "b" }, { "10.0.0.0/24" }, was).Ranges)
    local more = given({ "d", "c", "b", "a" }, { "10.0.0.0/24" }, was)
    assert.same({ a = { "10.0.0.0/26" }, b = { "10.0.0.64/26" }, c = { "10.0.0.128/26" }, d = { "10.0.0.192/26" } },
      more.Ranges)
  end)

  it("come from what nobody gives up in the same run, where there is any", function()
    local was = given({ "a", "b", "c" }, { "10.0.0.0/24" })
    assert.same({ "10.0.0.192/26" }, given({ "a", "d", "c" }, { "10.0.0.0/24" }, was).Ranges.d)
    was = given({ "a", "b" }, { "10.0.0.0/24" })
    assert.same({ "10.0.0.128/25" }, given({ "a", "d" }, { "10.0.0.0/24" }, was).Ranges.d)
    assert.same({ "10.0.1.0/25" }, given({ "a", "d" }, { "10.0.0.0/24", "10.0.1.0/24" }, was).Ranges.d)
  end)

  it("leave a block that goes, and begin anew in another network", function()
    local was = given({ "a", "b", "c" }, { "10.0.0.0/24", "10.0.1.0/24" })
    assert.same({ "10.0.1.0/25" }, was.Ranges.c)
    local now = given({ "a", "c" }, { "10.0.0.0/24" }, was)
    assert.same({ a = { "10.0.0.0/25" }, c = { "10.0.0.128/25" } }, now.Ranges)
    assert.same({ a = { "10.7.0.0/25" }, c = { "10.7.0.128/25" } }, given({ "a", "c" }, { "10.7.0.0/24" }, was).Ranges)
  end)

  it("are what an undoing says", function()
    local tree = prepare({ Keys = { "a" }, Blocks = { "10.0.0.0/24" }, Ranges = { a = { "10.0.0.64/26" } } },
      { address = "r", record = { declared = {} } })
    assert.same({ "10.0.0.64/26" }, tree.Ranges.a)
  end)

  it("are refused where none is left, and where blocks overlap or are none", function()
    local was = given({ "a", "b" }, { "10.0.0.0/24" })
    local tree, e = given({ "a", "b", "c" }, { "10.0.0.0/24" }, was)
    assert.is_nil(tree)
    assert.match("no range left for c", e.message)
    assert.match("more_cidrs", e.hint)
    assert.match("overlap", select(2, given({ "a" }, { "10.0.0.0/24", "10.0.0.0/16" })).message)
    assert.truthy(select(2, given({ "a" }, { "10.0.0.0/33" })))
    assert.truthy(select(2, given({ "a", "b" }, { "10.0.0.0/32" })))
  end)

  it("wait for blocks that are not known yet", function()
    local tree = given({ "a" }, { value.unknown { from = "x", path = "y" } })
    assert.is_nil(tree.Ranges)
  end)
end)
