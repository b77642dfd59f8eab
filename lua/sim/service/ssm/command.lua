--- Run command: every running instance of the simulated account counts as managed, and every
--- command succeeds at once with an empty output.
local command = {}

local function instances(ctx)
  return ctx:of("ec2"):table("Instance"):list(function(row) return ctx:state(row) == "running" or row.State
    and row.State.Name == "running" end)
end

local function has_tag(row, key, values)
  for _, t in ipairs(row.Tags or {}) do
    if t.Key == key then
      for _, v in ipairs(values) do
        if t.Value == v then return true end
      end
    end
  end
  return false
end

function command.DescribeInstanceInformation(ctx, input)
  local list = {}
  for _, row in ipairs(instances(ctx)) do
    list[#list + 1] = { InstanceId = row.InstanceId, PingStatus = "Online", LastPingDateTime = ctx.now,
      AgentVersion = "3.3.1142.0",
      IsLatestVersion = true, PlatformType = "Linux", PlatformName = "Amazon Linux", PlatformVersion = "2023",
      ResourceType = "EC2Instance", IPAddress = row.PrivateIpAddress, ComputerName = row.PrivateDnsName }
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 50, "InvalidNextToken")
  return { InstanceInformationList = page, NextToken = token }
end

local function chosen(ctx, input)
  local by_id, out = {}, {}
  for _, row in ipairs(instances(ctx)) do by_id[row.InstanceId] = row end
  for _, id in ipairs(input.InstanceIds or {}) do
    if not by_id[id] then ctx:fail("InvalidInstanceId", ("Instances [[%s]] not in a valid state for account %s"):format(id,
      ctx.account)) end
    out[#out + 1] = id
  end
  for _, target in ipairs(input.Targets or {}) do
    for id, row in pairs(by_id) do
      local key = target.Key:match("^tag:(.+)$")
      local match = key and has_tag(row, key, target.Values)
      for _, v in ipairs(target.Values) do match = match or (target.Key == "InstanceIds" and v == id) end
      if match then out[#out + 1] = id end
    end
  end
  table.sort(out)
  return out
end

function command.SendCommand(ctx, input)
  local ids = chosen(ctx, input)
  local id = ctx.ids:uuid()
  local row = { CommandId = id, DocumentName = input.DocumentName, DocumentVersion = input.DocumentVersion or "$DEFAULT",
    Comment = input.Comment, Parameters = input.Parameters, InstanceIds = ids, Targets = input.Targets,
      RequestedDateTime = ctx.now,
    ExpiresAfter = ctx.now + (input.TimeoutSeconds or 3600), TargetCount = #ids, CompletedCount = 0, ErrorCount = 0,
    MaxConcurrency = input.MaxConcurrency or "50", MaxErrors = input.MaxErrors or "0" }
  ctx:phases(row, "Pending", 1, "InProgress", 3, "Success")
  ctx:table("Command"):put(id, row)
  row.Status, row.StatusDetails = "Pending", "Pending"
  return { Command = row }
end

local function need(ctx, id)
  local row = ctx:table("Command"):get(id)
  if not row then ctx:fail("InvalidCommandId", "The specified command ID is not valid.") end
  return row
end

function command.GetCommandInvocation(ctx, input)
  local row = need(ctx, input.CommandId)
  local found
  for _, id in ipairs(row.InstanceIds) do found = found or id == input.InstanceId end
  if not found then ctx:fail("InvocationDoesNotExist",
    "The command ID and managed node ID you specified didn't match any invocations.") end
  local state = ctx:state(row)
  return { CommandId = row.CommandId, InstanceId = input.InstanceId, DocumentName = row.DocumentName, Comment = row.Comment,
    Status = state, StatusDetails = state, ResponseCode = state == "Success" and 0 or -1, StandardOutputContent = "",
    StandardErrorContent = "", PluginName = "aws:runShellScript" }
end

function command.ListCommands(ctx, input)
  local list = {}
  for _, row in ipairs(ctx:table("Command"):list()) do
    if not input.CommandId or row.CommandId == input.CommandId then
      local copy = {}
      for k, v in pairs(row) do copy[k] = v end
      copy.Status = ctx:state(row)
      copy.StatusDetails = copy.Status
      copy.CompletedCount = copy.Status == "Success" and row.TargetCount or 0
      list[#list + 1] = copy
    end
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 50, "InvalidNextToken")
  return { Commands = page, NextToken = token }
end

function command.ListCommandInvocations(ctx, input)
  local list = {}
  for _, row in ipairs(ctx:table("Command"):list()) do
    if not input.CommandId or row.CommandId == input.CommandId then
      for _, id in ipairs(row.InstanceIds) do
        if not input.InstanceId or input.InstanceId == id then
          list[#list + 1] = { CommandId = row.CommandId, InstanceId = id, DocumentName = row.DocumentName, Comment = row.Comment,
            RequestedDateTime = row.RequestedDateTime, Status = ctx:state(row), StatusDetails = ctx:state(row) }
        end
      end
    end
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxResults, 50, "InvalidNextToken")
  return { CommandInvocations = page, NextToken = token }
end

return command
