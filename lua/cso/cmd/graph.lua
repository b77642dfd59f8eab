--- csorun graph PLAYBOOK
return {
  name = "graph",
  help = "Draw what waits for what, as Graphviz DOT or Mermaid",
  args = { { name = "PLAYBOOK", complete = "file" } },
  rest = true,
  options = { { long = "format", value = "FORMAT", choices = { "dot", "mermaid" },
    help = "dot (default) or mermaid" } },
  text = "csorun graph PLAYBOOK.lua | dot -Tsvg > graph.svg",
  waits = true,
  run = function(opts, args, ctx)
    local draw = require "cso.graph.draw"
    local graph = require "cso.graph"
    local stack = require "cso.cmd.stack"
    local program, e = stack.load(ctx, args[1])
    if not program then return nil, e end
    local edges = {}
    for _, decl in ipairs(program.declarations) do edges[decl.address] = decl.depends end
    local g
    g, e = graph.build(edges)
    if not g then return nil, e end
    ctx.out(draw[opts.format or "dot"](g))
    return 0
  end,
}
