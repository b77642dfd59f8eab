--- A thing that is replaced may be held by others: its service refuses to delete it while they name it,
--- and they can name the new one only when that is there. So it is made first; where that can't be,
--- what holds it has to be replaced with it, or the plan is refused before anything is done.
local beside = require "cso.graph.beside"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local holds = require "cso.kind.holds"
local value = require "cso.std.value"

-- What lies in a network, and says in which by this property.
local NETWORK = { ["AWS::EC2::SecurityGroup"] = "VpcId", ["AWS::EC2::Subnet"] = "VpcId" }

local function names(tree, text)
  if type(tree) == "string" then return tree == text end
  if type(tree) ~= "table" or value.is_secret(tree) then return false end
  for _, item in next, tree do
    if names(item, text) then return true end
  end
  return false
end

--- By which property a thing holds another, or nil.
---@param user table    node
---@param record cso.Record   of what may be held
---@return string?
local function held_by(user, record)
  for _, property in ipairs(holds[user.type] or {}) do
    -- Two things of different types may have the same name: what is declared tells them apart.
    local refs = value.dependencies(user.decl.properties[property])
    -- An update whose run was killed is in the account, but not remembered.
    local named = names(user.model[property], record.id) or names(user.record.declared[property], record.id)
    if named and (#refs == 0 or deep.contains(refs, record.address)) then
      return property
    end
  end
end

-- Whether the old one is still there when what it needs has to be deleted: it is changed only
-- afterwards, or makes room only when its successor works.
local function outlasts(user)
  return user.action == "update" or user.action == "noop" or beside.stays(user)
end

local function users_of(work)
  local users = {}
  for address, node in deep.sorted_pairs(work.nodes) do
    for _, need in ipairs(node.decl and node.form == "resource" and type(node.model) == "table"
      and node.record and node.record.depends or {}) do
      users[need] = users[need] or {}
      table.insert(users[need], { address = address, node = node })
    end
  end
  return users
end

local function needs(node, address)
  for _, need in ipairs(node.depends) do
    if need == address then return true end
  end
  return false
end

--- Things that can't go when the plan wants them to: { node =, user =, property = }.
local function conflicts_of(work)
  local users, out
  for _, action in ipairs(work.acting) do
    local node = work.nodes[action.address]
    if action.action == "replace" and node.record and not node.excluded then
      users = users or users_of(work)
      for _, one in ipairs(users[node.address] or {}) do
        local user, property = one.node, held_by(one.node, node.record)
        local last = not beside.stays(node)
        local in_the_way
        if user.excluded or user.action == "noop" then
          -- It is not even changed afterwards.
          in_the_way = property ~= nil
        elseif last and needs(user, node.address) then
          in_the_way = outlasts(user) and property ~= nil or beside.stays(user)
        end
        if in_the_way then
          out = out or {}
          out[#out + 1] = { node = node, user = user, property = property }
        end
      end
    end
  end
  return out or {}
end

-- Whether what is held will lie in another network: nothing follows it there in place.
local function leaves_network(node)
  local property = NETWORK[node.type]
  return property ~= nil and not deep.equal(node.desired[property], node.record.declared[property])
end

--- Lets what can't be changed in place go with what it names.
local function follow(one)
  local node, user, property = one.node, one.user, one.property
  if user.excluded or not property or user.action == "replace" then return false end
  local fixed = user.kind:replaces(property, user.desired[property], user.record.declared[property], user)
  if not fixed and not leaves_network(node) then return false end
  user.follows = ("its %s names %s, which is replaced"):format(property, node.address)
    .. (fixed and "" or " and will be in another network")
  return true
end

--- Lets the new one come first.
local function make_room(work, one)
  local node, user = one.node, one.user
  if user.excluded then return false end
  if user.action == "noop" or node.options.replace == "delete_first" or node.follows then return false end
  if work.beside_conflict(node) then return false end
  node.room = ("the new one comes first: %s names the old one until then"):format(user.address)
  return true
end

local function place(node)
  return node.where and ("%s:%s"):format(node.where.file, node.where.line) or nil
end

local function described(one)
  local at = place(one.user)
  return ("%s can't be deleted while %s%s names it%s%s"):format(one.node.address, one.user.address,
    at and (" (%s)"):format(at) or "", one.property and " as " .. one.property or "",
    one.user.excluded and ", which is left out of this run" or "")
end

local function hint_of(work, list)
  local node, users = list[1].node, {}
  for _, one in ipairs(list) do
    if one.user.excluded then return ("let %s take part, too"):format(one.user.address) end
    if one.node == node then users[#users + 1] = ("--replace '%s'"):format(one.user.address) end
  end
  local why, instead = work.beside_conflict(node)
  local first = node.options.replace == "delete_first" and "say replace = \"create_first\" there; or " or ""
  if why then first = ("it can't be made first: %s; %sor "):format(why, instead and instead .. "; " or "") end
  return ("%sreplace what names it, too: %s"):format(first, table.concat(users, " "))
end

local function refusal(work, list)
  local problems = {}
  for i, one in ipairs(list) do problems[i] = described(one) end
  return err.new { code = "held", class = "usage", where = place(list[1].node), message = problems[1],
    problems = #problems > 1 and problems or nil, hint = hint_of(work, list) }
end

local function any(list, fn)
  local found = false
  for _, one in ipairs(list) do found = fn(one) or found end
  return found
end

--- Decides again until everything that is replaced can go when it has to.
---@param work table   with decide_again, beside_conflict
---@return true? ok, cso.Err? e  code "held"
return function(work)
  -- Each round changes the mind about one thing at least.
  for _ = 1, #work.actions + 1 do
    local list = conflicts_of(work)
    if #list == 0 then return true end
    -- What follows lets go of more than itself, so who has to come first is only known after that.
    if not any(list, follow) and not any(list, function(one) return make_room(work, one) end) then
      return nil, refusal(work, list)
    end
    local ok, e = work.decide_again()
    if not ok then return nil, e end
  end
  return nil, refusal(work, conflicts_of(work))
end
