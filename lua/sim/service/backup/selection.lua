--- What a plan backs up, and as which role.
local base = require "sim.service.backup.base"

local selection = {}

-- IAM tells other services of a new role with a delay.
local SPREAD = 8

local function check_role(ctx, arn)
  local name = arn:match("^arn:[%w-]+:iam::%d+:role/(.+)$")
  local role = name and ctx:of("iam"):table("Role"):get(name:match("([^/]+)$"))
  local trusted = role and (role._trust or role.AssumeRolePolicyDocument or "")
  local early = role and role.CreateDate and role.CreateDate + (ctx:after(SPREAD) - ctx.now) > ctx.now
  if not role or early or type(trusted) == "string" and not trusted:find("backup.amazonaws.com", 1, true) then
    base.invalid(ctx, ("IAM Role %s cannot be assumed by AWS Backup"):format(arn))
  end
end

function selection.CreateBackupSelection(ctx, input)
  local plan, wanted = base.plan(ctx, input.BackupPlanId), input.BackupSelection
  local rows = ctx:table("BackupSelection")
  for _, row in ipairs(rows:by("BackupPlanId", plan.BackupPlanId)) do
    if input.CreatorRequestId and row.CreatorRequestId == input.CreatorRequestId then return row end
    if row.SelectionName == wanted.SelectionName then
      ctx:fail("AlreadyExistsException", "Backup selection with the same name already exists", nil,
        { Arn = plan.BackupPlanArn, CreatorRequestId = row.CreatorRequestId })
    end
  end
  check_role(ctx, wanted.IamRoleArn)
  local id = ctx.ids:uuid()
  return rows:put(id, { SelectionId = id, SelectionName = wanted.SelectionName, BackupPlanId = plan.BackupPlanId,
    CreationDate = ctx.now, CreatorRequestId = input.CreatorRequestId, IamRoleArn = wanted.IamRoleArn, _selection = wanted })
end

local function need(ctx, input)
  base.plan(ctx, input.BackupPlanId)
  return base.need(ctx, "BackupSelection", input.SelectionId, "Backup selection")
end

function selection.GetBackupSelection(ctx, input)
  local row = need(ctx, input)
  local s = {}
  for k, v in next, row._selection do s[k] = v end
  for _, name in ipairs { "Resources", "NotResources", "ListOfTags" } do s[name] = s[name] or {} end
  local empty = { "StringEquals", "StringNotEquals", "StringLike", "StringNotLike" }
  s.Conditions = s.Conditions or {}
  for _, name in ipairs(empty) do s.Conditions[name] = s.Conditions[name] or {} end
  return { BackupSelection = s, SelectionId = row.SelectionId, BackupPlanId = row.BackupPlanId, CreationDate = row.CreationDate,
    CreatorRequestId = row.CreatorRequestId }
end

function selection.ListBackupSelections(ctx, input)
  local plan = base.plan(ctx, input.BackupPlanId)
  return base.page(ctx, ctx:table("BackupSelection"):by("BackupPlanId", plan.BackupPlanId), input, "BackupSelectionsList")
end

function selection.DeleteBackupSelection(ctx, input)
  ctx:table("BackupSelection"):delete(need(ctx, input).SelectionId)
  return {}
end

return selection
