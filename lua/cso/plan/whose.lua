--- Keys of another account find nothing of what is remembered, and all of it would be made a second time
--- there, or be forgotten. So where something is gone, the account is asked for its number first.
local err = require "cso.std.err"

-- A thing with a profile or role of its own says itself where it is.
local function is_ours(record)
  local target = record.target or {}
  return target.profile == nil and target.role == nil and record.type:match("^AWS::") ~= nil
end

local function first_gone(work)
  local first
  for address, model in next, work.models do
    if model == false and (not first or address < first) then
      local node = work.nodes[address]
      if node and node.record and is_ours(node.record) then first = address end
    end
  end
  return first
end

---@param work table
---@return true? ok, cso.Err?
return function(work)
  local address = first_gone(work)
  if not address or not work.session.identity then return true end
  local known = work.store:account()
  if not known then return true end
  local who = work.session:identity {}
  -- Who may not ask is no proof of anything.
  if not who or not who.Account or who.Account == known then return true end
  return nil, err.new { code = "other_account", class = "credentials",
    message = ("these are the keys of account %s, and stack %s was last applied with those of %s: %s is not to be found"):format(
      who.Account, work.stack, known, address),
    hint = ("use keys of %s, or another state (--state) for %s; csorun state rm '*' forgets what is remembered"):format(
      known, who.Account) }
end
