local draw = require "cso.graph.draw"
local graph = require "cso.graph"

describe("graph", function()
  it("orders what waits after what it waits for, stably", function()
    local g = assert(graph.build { c = { "a", "b" }, a = {}, b = { "a" }, d = {} })
    assert.same({ "a", "b", "c", "d" }, g.order)
    assert.same({ "b", "c" }, g:downstream("a"))
  end)

  it("prints a cycle as a chain", function()
    local g, e = graph.build { a = { "b" }, b = { "c" }, c = { "a" }, d = { "a" } }
    assert.is_nil(g)
    assert.equal("usage", e.class)
    assert.equal(4, #e.chain)
    assert.equal(e.chain[1], e.chain[4])
  end)

  it("sees a node that waits for itself", function()
    local _, e = graph.build { a = { "a" } }
    assert.same({ "a", "a" }, e.chain)
  end)

  it("hands out the longest remaining path first", function()
    local g = assert(graph.build { a = {}, b = {}, c = { "b" } })
    local cost = { a = 5, b = 1, c = 10 }
    local set = g:ready_set(g:remaining(function(n) return cost[n] end))
    assert.equal("b", set.next())
    assert.equal("a", set.next())
    assert.is_nil(set.next())
    set.done("b")
    assert.equal("c", set.next())
    local path, seconds = g:critical_path(function(n) return cost[n] end)
    assert.same({ "b", "c" }, path)
    assert.equal(11, seconds)
  end)

  it("hands out what became ready between what was, by its path and then by its name", function()
    local edges, cost, left = {}, {}, {}
    for i = 1, 60 do
      local name = ("n%02d"):format(i * 37 % 60)
      edges[name], cost[name] = i % 3 == 0 and { ("n%02d"):format((i - 1) * 37 % 60) } or {}, i * 7 % 5 + 1
    end
    local g = assert(graph.build(edges))
    local remaining = g:remaining(function(name) return cost[name] end)
    local set = g:ready_set(remaining)
    for name, list in pairs(edges) do left[name] = #list end
    for _ = 1, 60 do
      local best
      for name, n in pairs(left) do
        if n == 0 and (not best or remaining[name] > remaining[best]
          or remaining[name] == remaining[best] and name < best) then best = name end
      end
      assert.equal(best, set.next())
      left[best] = nil
      set.done(best)
      for name, list in pairs(edges) do
        if list[1] == best then left[name] = 0 end
      end
    end
    assert.is_nil(set.next())
    assert.equal(0, set.left())
  end)

  it("stays linear in nodes and edges", function()
    local edges = { n0 = {} }
    for i = 1, 20000 do edges["n" .. i] = { "n" .. (i - 1) } end
    assert.equal(20001, #assert(graph.build(edges)).order)
  end)

  it("draws DOT and Mermaid", function()
    local g = assert(graph.build { ['a"x'] = {}, b = { 'a"x' } })
    assert.matches('"b" %-> "a\\"x"', draw.dot(g))
    assert.matches("n2 %-%-> n1", draw.mermaid(g))
  end)
end)
