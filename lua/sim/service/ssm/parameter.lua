--- Parameter Store, with the public parameters of AWS in it.
local images = require "sim.data.images"
local kms = require "sim.service.kms.base"
local tagging = require "sim.help.tagging"

local parameter = {}

local function public(ctx, name)
  local id = images.parameters(ctx.region)[name]
  return id and { Name = name, Type = "String", Value = id, Version = 1, LastModifiedDate = 1732233600,
    DataType = "aws:ec2:image",
    Tier = "Standard", ARN = ("arn:%s:ssm:%s::parameter%s"):format(ctx.partition, ctx.region, name) }
end

local function find(ctx, name)
  if name:match("^arn:") then name = name:match(":parameter(/?.+)$") or name end
  local base, version = name:match("^(.-):(%d+)$")
  local row = ctx:table("Parameter"):get(base or name) or public(ctx, base or name)
  if row and version then
    for _, old in ipairs(row._history or { row }) do
      if old.Version == tonumber(version) then return old end
    end
    return nil
  end
  return row
end

local function need(ctx, name)
  local row = find(ctx, name)
  if not row then ctx:fail("ParameterNotFound", ("Parameter %s not found."):format(name)) end
  return row
end

local function shown(row, decrypt)
  local out = {}
  for k, v in pairs(row) do out[k] = v end
  if row.Type == "SecureString" and not decrypt then
    out.Value = "kms:" .. (row.KeyId or "alias/aws/ssm") .. ":hidden"
  end
  return out
end

local function check(ctx, input, old)
  if input.Name:match("^/?aws") or input.Name:match("^/?ssm") then
    ctx:fail("ValidationException", "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).")
  end
  if not input.Name:match("^[%w_./-]+$") or input.Name:find("/", 2, true) and not input.Name:match("^/") then
    ctx:fail("ValidationException", "Parameter name must be a fully qualified name.")
  end
  local _, levels = input.Name:gsub("/", "")
  if levels > 15 then ctx:fail("HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of 15 levels.") end
  local limit = (input.Tier or old and old.Tier) == "Advanced" and 8192 or 4096
  if #input.Value > limit and input.Tier ~= "Intelligent-Tiering" then
    ctx:fail("ValidationException", ("%s tier parameters support a maximum parameter value of %d characters."):format(
      limit == 8192 and "Advanced" or "Standard", limit))
  end
  if input.Value == "" then ctx:fail("ValidationException", "Value must not be empty.") end
  if not old and not input.Type then ctx:fail("ValidationException",
    "A parameter type is required when you create a parameter.") end
  if old and not input.Overwrite then
    ctx:fail("ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
  end
  if old and input.Tags then
    ctx:fail("ValidationException", "Invalid request: tags and overwrite can't be used together.")
  end
  if input.KeyId and (input.Type or old and old.Type) ~= "SecureString" then
    ctx:fail("ValidationException", "KeyId is valid for parameters of the type SecureString only.")
  end
  local key = input.KeyId
  if key then
    local other = ctx:of("kms")
    if not key:match("alias/") and not other:table("Key"):get(key:match("([^/]+)$")) then
      ctx:fail("InvalidKeyId", "Invalid keyId " .. key)
    end
    kms.alive(other, key)
  end
  if old and input.Type and input.Type ~= old.Type then
    ctx:fail("HierarchyTypeMismatchException", "Parameter Store does not support changing a parameter type in a hierarchy.")
  end
end

function parameter.PutParameter(ctx, input)
  local all = ctx:table("Parameter")
  local old = all:get(input.Name)
  check(ctx, input, old)
  local row = { Name = input.Name, Type = input.Type or old.Type, Value = input.Value, KeyId = input.KeyId or old and old.KeyId
    or input.Type == "SecureString" and "alias/aws/ssm" or nil,
    Description = input.Description or old and old.Description, AllowedPattern = input.AllowedPattern,
    Tier = input.Tier or old and old.Tier or "Standard", DataType = input.DataType or "text", Version = (old and old.Version
      or 0) + 1,
    LastModifiedDate = ctx.now, LastModifiedUser = ctx.who.arn, ARN = ctx:arn("parameter" .. (input.Name:match("^/") and ""
      or "/") .. input.Name),
    Policies = nil, _tags = old and old._tags or input.Tags or {}, _history = old and old._history or {} }
  if row.Tier == "Intelligent-Tiering" then row.Tier = #row.Value > 4096 and "Advanced" or "Standard" end
  local copy = {}
  for k, v in pairs(row) do
    if not k:match("^_") then copy[k] = v end
  end
  row._history[#row._history + 1] = copy
  if #row._history > 100 then table.remove(row._history, 1) end
  all:put(input.Name, row)
  return { Version = row.Version, Tier = row.Tier }
end

function parameter.GetParameter(ctx, input)
  return { Parameter = shown(need(ctx, input.Name), input.WithDecryption) }
end

function parameter.GetParameters(ctx, input)
  local found, missing = {}, {}
  for _, name in ipairs(input.Names) do
    local row = find(ctx, name)
    if row then found[#found + 1] = shown(row, input.WithDecryption) else missing[#missing + 1] = name end
  end
  return { Parameters = found, InvalidParameters = missing }
end

local function sorted(ctx)
  local list = ctx:table("Parameter"):list()
  table.sort(list, function(a, b) return a.Name < b.Name end)
  return list
end

function parameter.GetParametersByPath(ctx, input)
  local path = input.Path:gsub("/?$", "/")
  local list = {}
  local function consider(row)
    local rest = row.Name:sub(1, #path) == path and row.Name:sub(#path + 1)
    if rest and (input.Recursive or not rest:find("/", 1, true)) then list[#list + 1] = shown(row, input.WithDecryption) end
  end
  for _, row in ipairs(sorted(ctx)) do consider(row) end
  local names = {}
  for name in pairs(images.parameters(ctx.region)) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do consider(public(ctx, name)) end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 10, "InvalidNextToken")
  return { Parameters = page, NextToken = token }
end

local function matches(row, f)
  local v = ({ Name = row.Name, Type = row.Type, Tier = row.Tier, KeyId = row.KeyId, DataType = row.DataType,
    Path = row.Name:match("^(.*)/") })[f.Key]
  for tag in (f.Key:match("^tag:(.+)$") or ""):gmatch(".+") do
    for _, t in ipairs(row._tags or {}) do
      if t.Key == tag then v = t.Value end
    end
  end
  if v == nil then return false end
  if not f.Values or #f.Values == 0 then return true end
  for _, want in ipairs(f.Values) do
    local option = f.Option or "Equals"
    if option == "Equals" and v == want or option == "OneLevel" and v == want:gsub("/$", "")
      or option == "BeginsWith" and v:sub(1, #want) == want or option == "Contains" and v:find(want, 1, true)
      or option == "Recursive" and (v .. "/"):sub(1, #want) == want then return true end
  end
  return false
end

function parameter.DescribeParameters(ctx, input)
  local list = {}
  for _, row in ipairs(sorted(ctx)) do
    local keep = true
    for _, f in ipairs(input.ParameterFilters or {}) do keep = keep and matches(row, f) end
    for _, f in ipairs(input.Filters or {}) do keep = keep and matches(row, { Key = f.Key, Option = "BeginsWith",
      Values = f.Values }) end
    if keep then
      local copy = shown(row)
      copy.Value = nil
      list[#list + 1] = copy
    end
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 50, "InvalidNextToken")
  return { Parameters = page, NextToken = token }
end

function parameter.GetParameterHistory(ctx, input)
  local row, list = need(ctx, input.Name), {}
  for i, one in ipairs(row._history or {}) do list[i] = shown(one, input.WithDecryption) end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 50, "InvalidNextToken")
  return { Parameters = page, NextToken = token }
end

function parameter.DeleteParameter(ctx, input)
  if not ctx:table("Parameter"):get(input.Name) then
    ctx:fail("ParameterNotFound", ("Parameter %s not found."):format(input.Name))
  end
  ctx:table("Parameter"):delete(input.Name)
  return {}
end

function parameter.DeleteParameters(ctx, input)
  local gone, missing = {}, {}
  for _, name in ipairs(input.Names) do
    if ctx:table("Parameter"):get(name) then
      ctx:table("Parameter"):delete(name)
      gone[#gone + 1] = name
    else
      missing[#missing + 1] = name
    end
  end
  return { DeletedParameters = gone, InvalidParameters = missing }
end

local function tagged(ctx, input)
  if input.ResourceType ~= "Parameter" then ctx:fail("InvalidResourceType", input.ResourceType .. " is not simulated.") end
  local row = ctx:table("Parameter"):get(input.ResourceId)
  if not row then ctx:fail("InvalidResourceId", "The resource ID is not valid.") end
  return row
end

parameter.AddTagsToResource, parameter.RemoveTagsFromResource = tagging { at = "_tags", find = tagged,
  rule = { code = "ValidationException", too_many = "TooManyTagsError" },
  save = function(ctx, row) ctx:table("Parameter"):put(row.Name, row) end }

function parameter.ListTagsForResource(ctx, input) return { TagList = tagged(ctx, input)._tags } end

return parameter
