--- What a saved plan was made for and does not show: the accounts behind its targets, and digests of the
--- secrets that it sets. Both are compared where both sides know them.
local deep = require "cso.std.deep"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local value = require "cso.std.value"

local origin = {}

-- A secret may be short, so its digest must be dear to guess.
local SCRYPT = { N = 1024, r = 8, p = 1, length = 16 }

--- The digest of a value that nobody may guess.
---@param text string
---@param salt string
---@return string hex
function origin.digest(text, salt)
  return hash.hex_encode(hash.scrypt(text, salt, SCRYPT.N, SCRYPT.r, SCRYPT.p, SCRYPT.length))
end

local function role_of(target) return type(target.role) == "table" and target.role.arn or target.role end

local function words_of(target)
  local words = {}
  if target.profile then words[1] = "profile " .. target.profile end
  if role_of(target) then words[#words + 1] = "role " .. role_of(target) end
  return #words > 0 and table.concat(words, ", ") or "main"
end

--- The accounts that a plan changes.
---@param made table    the plan
---@param session table
---@return table<string, string> accounts  "main", "profile x" -> number; without those that can't be asked for
function origin.accounts(made, session)
  local out, asked = {}, {}
  for _, action in ipairs(made.actions) do
    local node = made.nodes[action.address]
    if action.action ~= "noop" and (action.type or ""):match("^AWS::") then
      local target = node.decl and node.decl.target or node.record and node.record.target or {}
      local words = words_of(target)
      if not asked[words] then
        asked[words] = true
        local ok, who = pcall(session.identity, session, { profile = target.profile, role = target.role })
        out[words] = ok and who and who.Account or nil
      end
    end
  end
  return out
end

-- The known secrets of a tree, in an order that does not depend on chance.
local function known_secrets(tree, out)
  if value.is_secret(tree) then
    if value.secret_info(tree).known then out[#out + 1] = json.encode({ value.reveal(tree) }, { sort = true }) end
  elseif type(tree) == "table" and not value.is_ref(tree) and not value.is_unknown(tree) then
    for _, k in ipairs(deep.keys(tree)) do known_secrets(tree[k], out) end
  end
  return out
end

--- Digests of the secrets that a plan sets.
---@param made table
---@param salt string
---@return table<string, string>  "ADDRESS PROPERTY" -> hex
function origin.secrets(made, salt)
  local out = {}
  for _, action in ipairs(made.actions) do
    local node = made.nodes[action.address]
    if action.action ~= "noop" and node.desired then
      for _, property in ipairs(deep.keys(node.desired)) do
        local key = action.address .. " " .. property
        local found = known_secrets(node.desired[property], {})
        if #found > 0 then out[key] = origin.digest(table.concat(found, "\0"), salt .. key) end
      end
    end
  end
  return out
end

return origin
