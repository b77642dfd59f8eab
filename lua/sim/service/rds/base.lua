--- What RDS's handlers share.
local base = {}

local kinds = {
  DBInstance = { "DBInstanceIdentifier", "DBInstanceNotFound", "DBInstance %s not found." },
  DBSubnetGroup = { "DBSubnetGroupName", "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist." },
  DBParameterGroup = { "DBParameterGroupName", "DBParameterGroupNotFound", "DBParameterGroup not found: %s" },
  DBSnapshot = { "DBSnapshotIdentifier", "DBSnapshotNotFound", "DBSnapshot %s not found." },
}

--- A row by name (RDS folds case); ends the request when there is none.
function base.need(ctx, kind, name)
  local row = ctx:table(kind):get((name or ""):lower())
  if not row then ctx:fail(kinds[kind][2], kinds[kind][3]:format(name)) end
  return row
end

function base.save(ctx, kind, row) ctx:table(kind):put(row[kinds[kind][1]], row) end

--- Identifier rules: a letter first, letters, digits and single hyphens, no hyphen last.
function base.check_name(ctx, name, max, what)
  if #name > max or not name:match("^%a[%w-]*$") or name:match("%-%-") or name:match("%-$") then
    ctx:fail("InvalidParameterValue",
      ("The parameter %s is not a valid identifier. Identifiers must begin with a letter; "
        .. "must contain only ASCII letters, digits, and hyphens; "
        .. "and must not end with a hyphen or contain two consecutive hyphens."):format(what))
  end
  return name:lower()
end

--- The default parameter and option groups are there without being made.
function base.default_group(family)
  return { DBParameterGroupName = "default." .. family, DBParameterGroupFamily = family,
    Description = "Default parameter group for " .. family }
end

--- A describe by name or of all, in pages; `chosen(row)` says which.
function base.describe(ctx, input, kind, out, view, chosen)
  local by, list = kinds[kind][1], {}
  if input[by] then
    list[1] = base.need(ctx, kind, input[by])
  else
    list = ctx:table(kind):list(chosen or function() return true end)
    table.sort(list, function(a, b) return a[by] < b[by] end)
  end
  local seen = {}
  for i, row in ipairs(list) do seen[i] = view and view(ctx, row) or row end
  local page, marker = ctx:page(seen, input.Marker, input.MaxRecords, 100, "InvalidParameterValue")
  return { [out] = page, Marker = marker }
end

--- Tags of whatever an ARN names.
function base.by_arn(ctx, arn)
  local sort, name = arn:match("^arn:[%w-]+:rds:[%w-]*:%d*:(%w+):(.+)$")
  local kind = ({ db = "DBInstance", subgrp = "DBSubnetGroup", pg = "DBParameterGroup", snapshot = "DBSnapshot" })[sort]
  if not kind then ctx:fail("InvalidParameterValue", "Invalid resource name: " .. arn) end
  return base.need(ctx, kind, name), kind
end

return base
