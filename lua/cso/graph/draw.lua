--- Writes a graph down for people: Graphviz DOT and Mermaid.
local draw = {}

local function quote(s)
  return '"' .. s:gsub('[\\"]', "\\%0") .. '"'
end

--- DOT, an arrow from what waits to what it waits for (as Terraform's graph draws them).
---@param g cso.Graph
---@param label (fun(name: string): string)?
---@return string
function draw.dot(g, label)
  local out = { "digraph csorun {", "  rankdir = \"RL\"", "  node [shape = box, fontname = \"sans-serif\"]" }
  for _, name in ipairs(g.names) do
    out[#out + 1] = ("  %s [label = %s]"):format(quote(name), quote(label and label(name) or name))
  end
  for _, name in ipairs(g.names) do
    for _, need in ipairs(g.before[name]) do
      out[#out + 1] = ("  %s -> %s"):format(quote(name), quote(need))
    end
  end
  out[#out + 1] = "}"
  return table.concat(out, "\n") .. "\n"
end

--- A Mermaid flowchart; names become n1, n2… because Mermaid's ids take few characters.
---@param g cso.Graph
---@param label (fun(name: string): string)?
---@return string
function draw.mermaid(g, label)
  local out, id = { "flowchart RL" }, {}
  for i, name in ipairs(g.names) do
    id[name] = "n" .. i
    local text = (label and label(name) or name):gsub('"', "#quot;")
    out[#out + 1] = ('  n%d["%s"]'):format(i, text)
  end
  for _, name in ipairs(g.names) do
    for _, need in ipairs(g.before[name]) do
      out[#out + 1] = ("  %s --> %s"):format(id[name], id[need])
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return draw
