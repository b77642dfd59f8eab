--- What a plan loses for good: the data of what is deleted or replaced, and changes that nothing
--- undoes. Told before anybody says yes; rollback asks for a word of its own where it can't bring
--- back what was lost.
local catalogue = require "cso.std.catalogue"
local deep = require "cso.std.deep"
local kinds = require "cso.kind"
local value = require "cso.std.value"

local loss = {}

--- Types that hold something besides what CloudFormation calls stateful.
local more = {
  ["AWS::ECR::Repository"] = "the images in it",
  ["AWS::EC2::EIP"] = "its address",
  ["AWS::Kinesis::Stream"] = "the records in it",
  ["AWS::KMS::Key"] = "the key, and what only it can decrypt",
  ["AWS::Logs::LogGroup"] = "the log events in it",
  ["AWS::Redshift::Cluster"] = "its data",
  ["AWS::S3::Bucket"] = "the objects in it",
  ["AWS::SecretsManager::Secret"] = "the secret in it, after its recovery window",
  ["AWS::Timestream::Table"] = "its data",
  ["AWS::Cognito::UserPool"] = "the users in it",
}

local function known(type_name)
  if not type_name:match("^AWS::") then return nil end
  local T = catalogue.type(type_name)
  return T and T.stateful and "its data" or nil
end

-- What lives in the state alone makes another secret when it is made anew.
local function makes_secrets(K)
  if K.spec.service ~= "local" then return false end
  for _, A in pairs(K.schema.attributes or {}) do
    if A.sensitive then return true end
  end
  return false
end

--- What goes for good when a thing of a type goes, or nil.
---@param K cso.Kind
---@return string?
function loss.of_type(K)
  local own = K.spec.stateful
  if own == false then return nil end
  return own or more[K.type] or makes_secrets(K) and "the secret that it made" or known(K.type)
end

--- The changes of an update that can't be taken back, as property -> why.
---@param node table
---@param changes table[]
---@return table<string, string>
function loss.one_way(node, changes)
  local rules, out = node.kind.spec.one_way or {}, {}
  for _, c in ipairs(changes) do
    local why = rules[c.path]
    if type(why) == "function" then why = why(c.after, c.before) end
    if why then out[c.path] = why end
  end
  return out
end

local STAYS = { noop = true, update = true }

-- Who keeps what makers made, stays, and has a service that remembers what it kept before: the first for each maker.
local function keepers_of(work)
  local out, keepers = {}, {}
  for address, node in next, work.nodes do
    local spec, record = node.kind and node.kind.spec, node.record
    if spec and spec.earlier and spec.keeps and record and record.declared[spec.keeps] ~= nil and STAYS[node.action] then
      keepers[address] = record
    end
  end
  for address, record in deep.sorted_pairs(keepers) do
    for _, need in ipairs(record.depends or {}) do out[need] = out[need] or address end
  end
  return out
end

-- Whether somebody may keep a secret that a thing is given another one for: whoever has the very same, what was
-- made where it was made, or a text of which nobody knows what it was made of.
local function is_kept(work, secret)
  local origin = value.secret_info(secret).origin
  for _, record in pairs(work.records) do
    local K = kinds.native(record.type)
    local has = K and K.spec.keeps and record.declared[K.spec.keeps]
    if has ~= nil and has ~= false then
      if origin and deep.contains(record.depends, origin.address) then return true end
      if value.same_secret(has, secret) then return true end
      if not origin and not (value.is_secret(has) and value.secret_info(has).origin) then return true end
    end
  end
  return false
end

-- The earlier texts of changed secrets that nothing gives back.
local function forgotten(work, node, changes, loses)
  if node.kind.spec.earlier then return end
  for _, c in ipairs(changes) do
    local was = node.record and node.record.declared[c.path]
    if value.is_secret(was) and not is_kept(work, was) then
      loses[#loses + 1] = ("the earlier %s: it is kept nowhere"):format(c.path)
    end
  end
end

--- Marks actions: `loses` and `keeps` are lists of texts.
---@param work table
function loss.mark(work)
  local keepers
  for _, action in ipairs(work.acting) do
    local node, loses = work.nodes[action.address], {}
    if node.form == "resource" then
      local goes = action.action == "delete" or action.action == "replace"
      local what = goes and node.record and node.model ~= false and loss.of_type(node.kind)
      if what and node.record.retain == "snapshot" and node.kind.spec.restore then
        action.keeps = { "a last snapshot, from which `csorun rollback` restores it" }
        what = nil
      end
      local keeper
      if what and makes_secrets(node.kind) then
        keepers = keepers or keepers_of(work)
        keeper = keepers[action.address]
      end
      if keeper then
        action.keeps = { ("%s: %s has it among its earlier versions, from which `csorun rollback` takes it"):format(
          what, keeper) }
        what = nil
      end
      if what then loses[1] = what end
      if action.action == "update" then
        for path, why in deep.sorted_pairs(loss.one_way(node, action.changes)) do
          loses[#loses + 1] = ("the earlier %s: %s"):format(path, why)
        end
        if value.any then forgotten(work, node, action.changes, loses) end
      end
    end
    if #loses > 0 then action.loses = loses end
  end
  return true
end

return setmetatable(loss, { __call = function(_, work) return loss.mark(work) end })
