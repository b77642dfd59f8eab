--- What the account shows of random playbooks, in the words in which the model says what it wants.
local kinds = require "spec.scenario.random.kinds"
local settings = require "spec.scenario.random.settings"

local account = {}

-- What comes and goes with other things, and has no line of its own.
local WITH_OTHERS = { ["ec2/NetworkAcl"] = "ec2/Vpc", ["ec2/SecurityGroup"] = "ec2/Vpc", ["ec2/RouteTable"] = "ec2/Vpc",
  ["ec2/SecurityGroupRule"] = "ec2/SecurityGroup", ["ec2/NetworkInterface"] = "ec2/Subnet", ["ec2/Volume"] = "ec2/Instance",
  ["ec2/LaunchTemplateVersion"] = "ec2/LaunchTemplate", ["route53/Record"] = "route53/HostedZone",
  ["elbv2/Rule"] = "elbv2/Listener" }

local seen = {}
for _, kind in pairs(kinds) do
  if kind.place then seen[kind.place] = kind.seen or seen[kind.place] end
  if kind.copies then seen[kind.copies] = kind.copied end
end

-- The rows of each place; what stands in one place for each of other things counts as one.
local function places(dump)
  local rows_of = {}
  for place, rows in pairs(dump) do
    place = place:gsub("^[^/]*/[^/]*/", "")
    local of = place
    place = place:gsub("^(s3/Object):.*", "%1")
    local list = rows_of[place] or {}
    rows_of[place] = list
    for _, row in ipairs(rows) do
      if not settings.is_beside(of, row) then list[#list + 1] = row end
    end
  end
  return rows_of
end

--- The row that shows what is wanted.
---@param dump table  of the simulator
---@return table? row
function account.row(dump, place, want)
  for _, row in ipairs(places(dump)[place] or {}) do
    if seen[place](row) == want then return row end
  end
end

--- What the account holds, in the words of `desired`.
---@param dump table  of the simulator
---@return string
function account.held(dump)
  local lines, rows_of = {}, places(dump)
  for place, rows in pairs(rows_of) do
    local among = WITH_OTHERS[place]
    for _, row in ipairs(rows) do
      local state = type(row.State) == "table" and row.State.Name or row.State
      local shown = seen[place] and seen[place](row)
      if seen[place] and shown == nil or state == "terminated" then
        shown = nil -- the account's own, or on its way out
      elseif not seen[place] and not (among and rows_of[among]) then
        shown = "not of the playbook"
      end
      lines[#lines + 1] = shown and place .. ": " .. shown
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

return account
