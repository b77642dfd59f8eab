--- What a plan loses for good: the data of what is deleted or replaced, and changes that nothing
--- undoes. Told before anybody says yes; rollback asks for a word of its own where it can't bring
--- back what was lost.
local catalogue = require "cso.std.catalogue"

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

--- Marks actions: `loses` and `keeps` are lists of texts.
---@param work table
function loss.mark(work)
  for _, action in ipairs(work.acting) do
    local node, loses = work.nodes[action.address], {}
    if node.form == "resource" then
      local goes = action.action == "delete" or action.action == "replace"
      local what = goes and node.record and node.model ~= false and loss.of_type(node.kind)
      if what and node.record.retain == "snapshot" and node.kind.spec.restore then
        action.keeps = { "a last snapshot, from which `csorun rollback` restores it" }
        what = nil
      end
      if what then loses[1] = what end
      if action.action == "update" then
        local deep = require "cso.std.deep"
        for path, why in deep.sorted_pairs(loss.one_way(node, action.changes)) do
          loses[#loses + 1] = ("the earlier %s: %s"):format(path, why)
        end
      end
    end
    if #loses > 0 then action.loses = loses end
  end
  return true
end

return setmetatable(loss, { __call = function(_, work) return loss.mark(work) end })
