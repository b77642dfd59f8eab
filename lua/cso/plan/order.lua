--- The order of decisions: what a node refers to is decided before it. Only declared edges count
--- here; the edges of what will be deleted belong to apply.
local graph = require "cso.graph"

return function(work)
  local edges = {}
  for address, node in pairs(work.nodes) do
    edges[address] = node.orphan and {} or node.depends
  end
  local g, e = graph.build(edges, work.addresses)
  if not g then
    local first = work.nodes[e.chain[1]]
    if first and first.where then e.where = ("%s:%s"):format(first.where.file, first.where.line) end
    return nil, e
  end
  work.graph = g
  return true
end
