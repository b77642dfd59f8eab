--- A new thing that takes what an old one gives up: the name, the address range, the port of what goes.
--- The old one has to go first, or the service refuses the new one. Where it can't go first, because
--- its users wait for the new one, the plan is refused: most often it is one thing under two addresses.
local err = require "cso.std.err"
local graph = require "cso.graph"
local moments = require "cso.graph.moments"
local value = require "cso.std.value"

-- Only what is known by now can be compared.
local function plain(v)
  local kind = type(v)
  return (kind == "string" or kind == "number" or kind == "boolean") and tostring(v) or nil
end

local function prefix_of(kind, target)
  return table.concat({ kind.type, target.region or "", target.profile or "", target.role or "" }, "\0")
end

-- The properties that only one can have, taken together; those left out count as left out.
local function joined(names, properties)
  local words = {}
  for i, name in ipairs(names) do
    local v = properties[name]
    local word = plain(v)
    if v ~= nil and not word or i == 1 and not word then return nil end
    words[i] = word or ""
  end
  return table.concat(words, "\0")
end

-- What a type without a kind of its own calls its name: QueueName of SQS.Queue. It is not known
-- whether two may share it, so it decides the order only, never that something is refused.
local function likely_name(kind)
  local last = not kind.native and kind.type:match "::(%w+)$"
  local name = last and last .. "Name"
  return name and kind.schema and (kind.schema.properties or {})[name] and name or nil
end

--- What a thing has alone: { key =, what = words for people, sure = boolean }.
local function claims(kind, target, properties, id)
  local out, prefix = {}, prefix_of(kind, target)
  local function add(what, key, sure)
    if key then out[#out + 1] = { what = what, key = prefix .. "\0" .. what .. "\0" .. key, sure = sure } end
  end
  local rule, spec = kind.spec.name, kind.spec
  if rule and not rule.shared then add(rule[1], joined({ rule[1], rule.within }, properties), true) end
  if spec.claims then
    add(table.concat(spec.claims, " and ", 1, math.min(2, #spec.claims)), joined(spec.claims, properties), true)
  end
  add("name", id, true)
  local likely = likely_name(kind)
  if likely then add(likely, plain(properties[likely]), false) end
  return out
end

-- The id that follows from what is declared, where one does.
local function foretold(node)
  local kind = node.kind
  if kind.spec.natural then
    local ok, id = pcall(kind.spec.natural, { desired = node.desired, kind = kind, target = node.decl.target or {} })
    return ok and plain(id) or nil
  end
  return kind.id_name and plain(node.desired[kind.id_name]) or nil
end

local function given_up(work)
  local held, any = {}, false
  for _, action in ipairs(work.acting) do
    local node = work.nodes[action.address]
    local record = node.record
    if (action.action == "delete" or action.action == "replace") and record and node.kind then
      for _, claim in ipairs(claims(node.kind, record.target or {}, record.declared or {}, record.id)) do
        held[claim.key], any = held[claim.key] or action.address, true
      end
    end
  end
  return held, any
end

local function heirs_of(work, held)
  local pairs_found = {}
  for _, action in ipairs(work.acting) do
    local node = work.nodes[action.address]
    if (action.action == "create" or action.action == "replace") and node.form == "resource" then
      for _, claim in ipairs(claims(node.kind, node.decl.target or {}, node.desired, foretold(node))) do
        local old = held[claim.key]
        if old and old ~= action.address then
          pairs_found[#pairs_found + 1] = { action = action, node = node, old = old, what = claim.what, sure = claim.sure }
          break
        end
      end
    end
  end
  return pairs_found
end

local function wait(heirs)
  for _, heir in ipairs(heirs) do
    heir.node.waits_for = heir.node.waits_for or {}
    table.insert(heir.node.waits_for, heir.old)
  end
end

local function cycle_of(work)
  local g, e = graph.build((moments.build { actions = work.actions, nodes = work.nodes }))
  return not g and e.chain or nil
end

-- The heir whose waiting closes the circle.
local function culprit(heirs, chain)
  local at = {}
  for i, name in ipairs(chain) do at[name] = i end
  local found
  for i, heir in ipairs(heirs) do
    if at["do:" .. heir.node.address] and at["del:" .. heir.old] and (not found or not heir.sure) then found = i end
  end
  return found
end

local function moved(heir)
  return ("cso.moved { from = %q, to = %q }"):format(heir.old, heir.node.address)
end

-- Who gave the new one what the old one has may know how there comes to be more of it.
local function more_of(work, node)
  for _, need in ipairs(value.dependencies(node.decl.properties)) do
    local giver = work.nodes[need]
    local more = giver and giver.kind and giver.kind.spec.more
    if more then return ("; or %s"):format(more) end
  end
  return ""
end

local function refusal(work, heir, chain)
  local where, user = heir.node.where, "what uses it"
  for i, name in ipairs(chain) do
    if name == "del:" .. heir.old and chain[i + 1] then user = chain[i + 1]:match(":(.*)") end
  end
  return err.new { code = "taken", class = "usage", where = where and ("%s:%s"):format(where.file, where.line) or nil,
    message = ("%s can't be made: %s has the same %s, and has to stay until %s uses the new one"):format(
      heir.node.address, heir.old, heir.what, user),
    hint = ("if it is the same thing: %s; else give the new one another %s%s"):format(moved(heir),
      (heir.what:gsub(" and ", " or ")), more_of(work, heir.node)) }
end

return function(work)
  if work.opts.destroy then return true end
  local held, any = given_up(work)
  if not any then return true end
  local heirs = heirs_of(work, held)
  if #heirs == 0 then return true end
  wait(heirs)
  local chain = cycle_of(work)
  while chain do
    local i = culprit(heirs, chain)
    -- A circle without an heir in it is not of our making: apply tells it.
    if not i then break end
    local heir = table.remove(heirs, i)
    if heir.sure then return nil, refusal(work, heir, chain) end
    heir.node.waits_for = nil
    chain = cycle_of(work)
  end
  for _, heir in ipairs(heirs) do
    if heir.action.action == "create" then
      local keep = work.nodes[heir.old].action == "delete" and ("; to keep that one: %s"):format(moved(heir)) or ""
      table.insert(heir.action.reasons, ("it takes the %s of %s, which goes first%s"):format(
        heir.what, heir.old, keep))
    end
  end
  return true
end
