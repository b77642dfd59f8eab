--- What IAM's handlers share: entities by name, policy documents, attachments, tags, pages.
local json = require "cso.std.json"
local tags = require "sim.help.tags"

local base = {}

--- The row of an entity; ends the request when there is none.
---@param ctx sim.Context
---@param kind string   "Role", "User", "Group", "InstanceProfile"
---@param name string
function base.need(ctx, kind, name)
  local row = ctx:table(kind):get(name)
  if not row then
    local words = { InstanceProfile = "Instance Profile" }
    ctx:fail("NoSuchEntity", ("The %s with name %s cannot be found."):format((words[kind] or kind):lower(), name))
  end
  return row
end

local function percent(text)
  return (text:gsub("[^%w%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- IAM answers documents percent-encoded.
base.encoded = percent

local function principal_ok(statement, trust)
  if trust then return statement.Principal ~= nil or statement.NotPrincipal ~= nil end
  return statement.Principal == nil
end

--- Refuses what IAM's grammar refuses; gives the document back as it was sent.
---@param ctx sim.Context
---@param text string
---@param trust boolean   a role's trust policy: has principals, has no resources
function base.document(ctx, text, trust)
  local tree = json.decode(text)
  if type(tree) ~= "table" then ctx:fail("MalformedPolicyDocument", "Syntax errors in policy.") end
  local statements = tree.Statement
  if type(statements) ~= "table" then ctx:fail("MalformedPolicyDocument", "Missing required field Statement") end
  if #statements == 0 and statements.Effect then statements = { statements } end
  if tree.Version and tree.Version ~= "2012-10-17" and tree.Version ~= "2008-10-17" then
    ctx:fail("MalformedPolicyDocument", "The policy must contain a valid version string")
  end
  for _, s in ipairs(statements) do
    if s.Effect ~= "Allow" and s.Effect ~= "Deny" then
      ctx:fail("MalformedPolicyDocument", "Missing required field Effect")
    end
    if not s.Action and not s.NotAction then ctx:fail("MalformedPolicyDocument", "Missing required field Action") end
    if not principal_ok(s, trust) then
      ctx:fail("MalformedPolicyDocument", trust and "Missing required field Principal"
        or "Policy document should not specify a principal.")
    end
    if trust and s.Resource then ctx:fail("MalformedPolicyDocument", "Has prohibited field Resource") end
    if not trust and not s.Resource and not s.NotResource then
      ctx:fail("MalformedPolicyDocument", "Policy statement must contain resources.")
    end
  end
  return text
end

--- A page with IAM's words for it.
function base.page(ctx, input, list, member)
  local page, marker = ctx:page(list, input.Marker, input.MaxItems, 100, "ValidationError")
  return { [member] = page, IsTruncated = marker ~= nil, Marker = marker }
end

--- Merges tags by key; 50 at most.
function base.add_tags(ctx, row, more)
  for _, t in ipairs(more or {}) do
    if t.Key:match("^aws:") then ctx:fail("InvalidInput", "Tag keys starting with aws: are reserved.") end
  end
  local list = tags.merge(row.Tags, more or {})
  if #list > 50 then ctx:fail("LimitExceeded", "The number of tags has reached the maximum limit.") end
  row.Tags = list
end

function base.remove_tags(row, keys)
  row.Tags = tags.drop(row.Tags, keys)
end

--- Handlers for the tags of one sort of entity.
function base.tagging(kind, by)
  return function(ctx, input)
    local row = base.need(ctx, kind, input[by])
    base.add_tags(ctx, row, input.Tags)
    ctx:table(kind):put(input[by], row)
    return {}
  end, function(ctx, input)
    local row = base.need(ctx, kind, input[by])
    base.remove_tags(row, input.TagKeys)
    ctx:table(kind):put(input[by], row)
    return {}
  end, function(ctx, input)
    return base.page(ctx, input, base.need(ctx, kind, input[by]).Tags or {}, "Tags")
  end
end

--- A managed policy of the account or of AWS, by ARN.
function base.policy(ctx, arn)
  local row = ctx:table("Policy"):get(arn)
  if row then return row end
  local aws = require("sim.data.managed_policies").get(ctx.partition, arn)
  if not aws then ctx:fail("NoSuchEntity", ("Policy %s does not exist or is not attachable."):format(arn)) end
  return aws
end

--- Everything that belongs to an account in a sorted list, by path prefix.
function base.under(ctx, kind, prefix)
  local list = ctx:table(kind):list(function(row) return not prefix or row.Path:sub(1, #prefix) == prefix end)
  local key = kind .. "Name"
  table.sort(list, function(a, b) return a[key] < b[key] end)
  return list
end

--- Inline and attached policies of a kind of entity (Role, User, Group): eight handlers.
function base.policies(kind)
  local by, out = kind .. "Name", {}
  local function save(ctx, row) ctx:table(kind):put(row[by], row) end
  out["Put" .. kind .. "Policy"] = function(ctx, input)
    local row = base.need(ctx, kind, input[by])
    row._inline = row._inline or {}
    row._inline[input.PolicyName] = base.document(ctx, input.PolicyDocument, false)
    save(ctx, row)
    return {}
  end
  out["Get" .. kind .. "Policy"] = function(ctx, input)
    local row = base.need(ctx, kind, input[by])
    local text = row._inline and row._inline[input.PolicyName]
    if not text then
      ctx:fail("NoSuchEntity", ("The %s policy with name %s cannot be found."):format(kind:lower(), input.PolicyName))
    end
    return { [by] = row[by], PolicyName = input.PolicyName, PolicyDocument = percent(text) }
  end
  out["Delete" .. kind .. "Policy"] = function(ctx, input)
    local row = base.need(ctx, kind, input[by])
    if not (row._inline and row._inline[input.PolicyName]) then
      ctx:fail("NoSuchEntity", ("The %s policy with name %s cannot be found."):format(kind:lower(), input.PolicyName))
    end
    row._inline[input.PolicyName] = nil
    save(ctx, row)
    return {}
  end
  out["List" .. kind .. "Policies"] = function(ctx, input)
    local names = {}
    for name in pairs(base.need(ctx, kind, input[by])._inline or {}) do names[#names + 1] = name end
    table.sort(names)
    return base.page(ctx, input, names, "PolicyNames")
  end
  out["Attach" .. kind .. "Policy"] = function(ctx, input)
    local row, policy = base.need(ctx, kind, input[by]), base.policy(ctx, input.PolicyArn)
    row._attached = row._attached or {}
    for _, arn in ipairs(row._attached) do
      if arn == policy.Arn then return {} end
    end
    if #row._attached >= 10 then
      ctx:fail("LimitExceeded", "Cannot exceed quota for PoliciesPer" .. kind .. ": 10")
    end
    table.insert(row._attached, policy.Arn)
    save(ctx, row)
    return {}
  end
  out["Detach" .. kind .. "Policy"] = function(ctx, input)
    local row = base.need(ctx, kind, input[by])
    for i, arn in ipairs(row._attached or {}) do
      if arn == input.PolicyArn then
        table.remove(row._attached, i)
        save(ctx, row)
        return {}
      end
    end
    ctx:fail("NoSuchEntity", ("Policy %s was not found."):format(input.PolicyArn))
  end
  out["ListAttached" .. kind .. "Policies"] = function(ctx, input)
    local list = {}
    for i, arn in ipairs(base.need(ctx, kind, input[by])._attached or {}) do
      list[i] = { PolicyArn = arn, PolicyName = arn:match("([^/]+)$") }
    end
    return base.page(ctx, input, list, "AttachedPolicies")
  end
  return out
end

return base
