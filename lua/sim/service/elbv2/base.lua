--- What the load balancing handlers share.
local base = {}

--- kind -> collection's ARN member, not-found error, what its ARN looks like.
local kinds = {
  LoadBalancer = { "LoadBalancerNotFound", "Load balancer" },
  TargetGroup = { "TargetGroupNotFound", "Target group" },
  Listener = { "ListenerNotFound", "Listener" },
  Rule = { "RuleNotFound", "Rule" },
}

--- A row by ARN; ends the request when there is none.
function base.need(ctx, kind, arn)
  local row = ctx:table(kind):get(arn)
  if not row then ctx:fail(kinds[kind][1], ("One or more %ss not found"):format(kinds[kind][2]:lower())) end
  return row
end

function base.save(ctx, kind, row) ctx:table(kind):put(row[kind .. "Arn"], row) end

--- Name rules of load balancers and target groups.
function base.check_name(ctx, name, what)
  if #name > 32 then
    ctx:fail("ValidationError", ("%s name '%s' cannot be longer than '32' characters"):format(what, name))
  end
  if not name:match("^[%w-]+$") then
    ctx:fail("ValidationError",
      ("%s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)"):format(what, name))
  end
  if name:match("^%-") or name:match("%-$") then
    ctx:fail("ValidationError", ("%s name '%s' cannot begin or end with a hyphen(-)"):format(what, name))
  end
  if name:match("^internal%-") then ctx:fail("ValidationError", ("%s name cannot begin with 'internal-'"):format(what)) end
end

--- Tags at creation: no twins, none of AWS's.
function base.tags(ctx, tags)
  local seen = {}
  for _, t in ipairs(tags or {}) do
    if seen[t.Key] then ctx:fail("DuplicateTagKeys", "A tag key was specified more than once.") end
    if t.Key:match("^aws:") then ctx:fail("ValidationError", "Tag keys can't begin with aws:") end
    seen[t.Key] = true
  end
  if #(tags or {}) > 50 then ctx:fail("TooManyTags", "Too many tags.") end
  return tags or {}
end

--- The answer of a describe by ARNs or names.
function base.describe(ctx, input, kind, spec)
  local list = {}
  if input[spec.arns] and #input[spec.arns] > 0 then
    for i, arn in ipairs(input[spec.arns]) do list[i] = base.need(ctx, kind, arn) end
  elseif spec.names and input.Names and #input.Names > 0 then
    for i, name in ipairs(input.Names) do
      local row = ctx:table(kind):one(spec.names, name)
      if not row then ctx:fail(kinds[kind][1], ("%ss '[%s]' not found"):format(kinds[kind][2], name)) end
      list[i] = row
    end
  elseif spec.of and input[spec.of] then
    list = spec.select(ctx, input[spec.of])
  else
    list = ctx:table(kind):list()
  end
  local out = {}
  for i, row in ipairs(list) do out[i] = spec.view and spec.view(ctx, row) or row end
  local page, marker = ctx:page(out, input.Marker, input.PageSize, 400, "ValidationError")
  return { [spec.out] = page, NextMarker = marker }
end

--- Attributes: what may be set, with its default; what is not listed is refused.
function base.attributes(ctx, known, current, list)
  for _, a in ipairs(list) do
    if known[a.Key] == nil then ctx:fail("InvalidConfigurationRequest",
      ("Attribute key '%s' is not recognized"):format(a.Key)) end
    local default = known[a.Key]
    if (default == "true" or default == "false") and a.Value ~= "true" and a.Value ~= "false" then
      ctx:fail("InvalidConfigurationRequest", ("Attribute value '%s' of '%s' is not valid"):format(tostring(a.Value), a.Key))
    end
  end
  for _, a in ipairs(list) do current[a.Key] = a.Value end
end

--- All attributes, sorted, defaults filled.
function base.attribute_list(known, current)
  local keys, out = {}, {}
  for k in pairs(known) do keys[#keys + 1] = k end
  table.sort(keys)
  for i, k in ipairs(keys) do out[i] = { Key = k, Value = current[k] or known[k] } end
  return out
end

return base
