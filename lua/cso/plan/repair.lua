--- Repairing drift: a program that declares what was applied last, of which only what is asked for counts. The
--- ordinary plan and the ordinary apply make it so.
local deep = require "cso.std.deep"
local renew = require "cso.plan.renew"

local repair = {}

-- A secret is taken from what made it: what was applied remembers no more of it than its digest.
local function declaration(record, wanted, known)
  local ignore = record.ignore
  if wanted then
    ignore = { table.unpack(record.ignore or {}) }
    local heads = {}
    for _, path in ipairs(wanted) do heads[path:match("^[^.]+")] = true end
    for _, property in ipairs(deep.keys(record.declared)) do
      if not heads[property] then ignore[#ignore + 1] = property end
    end
  end
  return { address = record.address, form = "resource", type = record.type, properties = renew.tree(record.declared, {}, known),
    options = { protect = record.protect, retain = record.retain, ignore = ignore }, target = record.target,
    native = record.native, generation = record.generation, depends = record.depends or {},
    recorded_depends = record.depends, keeps_accepted = true }
end

--- What plan.make needs for a repair.
---@param store cso.Store
---@param stack string
---@param wanted table<string, string[]|true>   address -> the properties that are repaired; true: all
---@return { program: table, only: fun(address: string): boolean }
function repair.program(store, stack, wanted)
  local declarations, by_address, known = {}, {}, {}
  for _, record in ipairs(store:resources()) do known[record.address] = record end
  for _, record in ipairs(store:resources()) do
    local own = wanted[record.address]
    local decl = declaration(record, own ~= true and own or nil, known)
    declarations[#declarations + 1], by_address[record.address] = decl, decl
  end
  local outputs = {}
  for name, v in deep.sorted_pairs(store:outputs()) do outputs[#outputs + 1] = { name = name, value = v } end
  return {
    program = { stack = { name = stack, tags = {} }, declarations = declarations, by_address = by_address, outputs = outputs,
      checks = {}, moved = {}, forgotten = {}, evaluated = "stack" },
    only = function(address) return wanted[address] ~= nil end,
  }
end

return repair
