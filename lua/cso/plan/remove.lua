--- What is remembered and no longer declared: deleted, or forgotten where the user said retain.
return function(work)
  for _, address in ipairs(work.graph.names) do
    local node = work.nodes[address]
    if node.orphan and not node.excluded then
      node.model = work.models[address]
      local gone = not node.record or node.model == false
      -- retain = "snapshot" keeps a last copy of the data; the thing itself goes.
      local keep = node.record and node.record.retain == true
      node.action = (gone or keep) and "forget" or "delete"
      work.actions[#work.actions + 1] = {
        address = address, action = node.action, type = node.type, changes = {}, depends = node.depends,
        reasons = { not node.record and "an interrupted run did not come to make it"
          or gone and "it was deleted outside of csorun" or keep and "it is declared with retain"
          or work.opts.destroy and "everything goes" or "it is no longer declared" },
        before = node.model or nil, form = "resource",
      }
    end
  end
  return true
end
