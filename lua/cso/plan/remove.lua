--- What is remembered and no longer declared: deleted, or forgotten where the user said retain.
local actions = require "cso.plan.actions"
local beside = require "cso.graph.beside"
local deep = require "cso.std.deep"
local theirs = require "cso.plan.theirs"

local function reason_for(work, node, gone, told, keep)
  if not node.record then return "an interrupted run did not come to make it" end
  if node.pending then return "an interrupted run made it, and nobody wants it any more" end
  if gone then return "it was deleted outside of csorun" end
  if node.inside then return ("it is declared in %s now"):format(node.inside) end
  if told then return ("%s says to forget it"):format(told) end
  if keep then return "it is declared with retain" end
  if beside.base(node.address) then return "it made room for another, or was to take its place" end
  if work.opts.undoes then return ("run %s made it"):format(work.opts.undoes) end
  return work.opts.destroy and "everything goes" or "it is no longer declared"
end

return function(work)
  local orphans = {}
  for address, node in pairs(work.nodes) do
    if node.orphan and not node.excluded then orphans[address] = node end
  end
  for address, node in deep.sorted_pairs(orphans) do
    node.model = work.models[address]
    local gone = not node.record or node.model == false
    -- retain = "snapshot" keeps a last copy of the data; the thing itself goes.
    local told = work.forgotten[address]
    local keep = node.record and (told or node.inside or node.record.retain == true)
    node.action = (gone or keep) and "forget" or "delete"
    actions.add(work, {
      address = address, action = node.action, type = node.type, changes = {}, depends = node.depends,
      reasons = { reason_for(work, node, gone, told, keep) },
      region = node.record and node.record.target and node.record.target.region,
      theirs = node.action == "delete" and theirs(work, address) or nil,
      before = node.model or nil, form = "resource",
    })
  end
  return true
end
