--- Which resources a plan backs up, and with which role.
local plan = require "sim.service.backup.plan"

local selection = {}

local function all(ctx) return ctx:table("BackupSelection") end

-- The role has to exist and to be known already; Backup has a role of its own by default.
local function check_role(ctx, arn)
  local iam, name = ctx:of("iam"), arn:match(":role/.-([^/]+)$")
  local roles = iam:table("Role")
  if not name or (roles.count > 0 and not roles:get(name) and name ~= "AWSBackupDefaultServiceRole")
    or ctx:unsettled(roles, name) then
    ctx:fail("InvalidParameterValueException", ("IAM Role %s cannot be assumed by AWS Backup"):format(arn))
  end
end

local function find(ctx, input)
  local row = all(ctx):get(input.SelectionId)
  if not row or row.BackupPlanId ~= input.BackupPlanId then
    ctx:fail("ResourceNotFoundException", ("Cannot find Backup selection %s of plan %s")
      :format(input.SelectionId, input.BackupPlanId))
  end
  return row
end

function selection.CreateBackupSelection(ctx, input)
  plan.find(ctx, input.BackupPlanId)
  local body = input.BackupSelection
  check_role(ctx, body.IamRoleArn)
  for _, other in ipairs(all(ctx):by("BackupPlanId", input.BackupPlanId)) do
    if other.SelectionName == body.SelectionName then
      ctx:fail("AlreadyExistsException", ("Backup selection with the same name already exists: %s")
        :format(body.SelectionName))
    end
  end
  local id = ctx.ids:uuid()
  return all(ctx):put(id, { SelectionId = id, BackupPlanId = input.BackupPlanId, CreationDate = ctx.now,
    SelectionName = body.SelectionName, IamRoleArn = body.IamRoleArn, CreatorRequestId = input.CreatorRequestId,
    BackupSelection = body })
end

function selection.GetBackupSelection(ctx, input) return find(ctx, input) end

function selection.DeleteBackupSelection(ctx, input)
  find(ctx, input)
  all(ctx):delete(input.SelectionId)
  return {}
end

function selection.ListBackupSelections(ctx, input)
  plan.find(ctx, input.BackupPlanId)
  local page, token = ctx:page(all(ctx):by("BackupPlanId", input.BackupPlanId), input.NextToken, input.MaxResults, 1000)
  return { BackupSelectionsList = page, NextToken = token }
end

return selection
