--- The playbooks that a model stands for.
local kinds = require "spec.scenario.random.kinds"
local stacks = require "spec.scenario.random.stacks"

local text = {}

local WORKSPACE = [[
return { stacks = { random = { playbook = "random.lua" }, second = { playbook = "second.lua", needs = { "random" } } } }
]]

local IMAGE = 'local image = cso.api.ssm {}:GetParameter {\n'
  .. '  Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }.Parameter.Value'

--- How the second stack calls what the first one made.
---@param n integer
---@return string
function text.output(n) return "there.x" .. n end

-- The numbers of a stack's things, as they stand in its playbook.
local function numbers(m, stack)
  local list = {}
  for _, n in ipairs(m.order) do
    if m.things[n].stack == stack then list[#list + 1] = n end
  end
  return list
end

local function declaration(m, r)
  local kind, by, options = kinds[r.kind], m:by(r), {}
  if kind.after then options[#options + 1] = ("after = { %s }"):format(by[kind.after].var) end
  if r.protect then options[#options + 1] = "protect = true" end
  if r.retain then options[#options + 1] = "retain = true" end
  if r.snapshot then options[#options + 1] = 'retain = "snapshot"' end
  if r.first then options[#options + 1] = 'replace = "create_first"' end
  if r.ignore then options[#options + 1] = ("ignore = { %q }"):format(kind.ignorable) end
  return ("%s = %s(%q, { %s }) { %s }"):format(r.var, kind.type, r.name, table.concat(options, ", "), kind.text(r, by, m))
end

local function outputs(m, list)
  local out = {}
  for _, n in ipairs(list) do
    local r = m.things[n]
    local name = kinds[r.kind].out
    if name then out[#out + 1] = ("x%d = %s.%s"):format(n, r.var, name) end
  end
  return ("cso.output { %s }"):format(table.concat(out, ", "))
end

--- The playbook of a stack.
---@param m spec.random.Model
---@param stack "second"?
---@return string
function text.of(m, stack)
  local out = { ('local cso = require "cso"\nlocal aws = cso.aws\ncso.stack { name = %q }\nlocal r = {}'):format(
    stacks.name(stack)) }
  local list = numbers(m, stack)
  if stack then out[#out + 1] = ("local there = cso.outputs %q"):format(stacks.FIRST) end
  for _, n in ipairs(list) do
    if m.things[n].kind == "instance" then
      out[#out + 1] = IMAGE
      break
    end
  end
  for _, name in ipairs(m.kinds) do
    if m.policies[name] then out[#out + 1] = kinds[name].policy.text end
  end
  for _, n in ipairs(m:lost()) do
    local lost = m.forgotten[n]
    if lost.stack == stack then out[#out + 1] = ("cso.forget { %q }"):format(lost.address) end
  end
  for _, move in ipairs(m.moves) do
    if m.things[move.n].stack == stack then
      out[#out + 1] = ("cso.moved { from = %q, to = %q }"):format(move.from, move.to)
    end
  end
  for _, n in ipairs(list) do out[#out + 1] = declaration(m, m.things[n]) end
  if m.stacks and not stack then out[#out + 1] = outputs(m, list) end
  return table.concat(out, "\n") .. "\n"
end

--- All files by name.
---@param m spec.random.Model
---@return table<string, string>
function text.files(m)
  local files = { ["random.lua"] = text.of(m) }
  if m.stacks then files["second.lua"], files["workspace.lua"] = text.of(m, stacks.SECOND), WORKSPACE end
  return files
end

return text
