--- What in the account still uses a thing that its service won't let go. The refusal itself names nobody,
--- and who looks for an hour at "has dependencies" wants names: what uses it may belong to another stack.
local err = require "cso.std.err"
local tags = require "cso.kind.tags"

local users = {}

---@class cso.kind.User one question about who uses a thing; the `users` of a kind's `delete` is a list of them
---@field [1] string    operation
---@field filter string its filter that takes the id of what is used
---@field list string   member of the answer
---@field id string     member of an item
---@field by string?    member of the request that takes filters, default Filters
---@field unless (fun(item: table): boolean)?  what is there by itself and goes with the thing

local function interfaces(filter)
  return { "DescribeNetworkInterfaces", filter = filter, list = "NetworkInterfaces", id = "NetworkInterfaceId" }
end

local function is_main(item)
  for _, a in ipairs(item.Associations or {}) do
    if a.Main then return true end
  end
  return false
end

--- The questions by sort of thing.
---@type table<string, cso.kind.User[]>
users.OF = {
  vpc = {
    interfaces "vpc-id",
    { "DescribeSubnets", filter = "vpc-id", list = "Subnets", id = "SubnetId" },
    { "DescribeSecurityGroups", filter = "vpc-id", list = "SecurityGroups", id = "GroupId",
      unless = function(item) return item.GroupName == "default" end },
    { "DescribeRouteTables", filter = "vpc-id", list = "RouteTables", id = "RouteTableId", unless = is_main },
    { "DescribeNetworkAcls", filter = "vpc-id", list = "NetworkAcls", id = "NetworkAclId",
      unless = function(item) return item.IsDefault end },
    { "DescribeInternetGateways", filter = "attachment.vpc-id", list = "InternetGateways", id = "InternetGatewayId" },
    { "DescribeVpcEndpoints", filter = "vpc-id", list = "VpcEndpoints", id = "VpcEndpointId" },
    { "DescribeVpcPeeringConnections", filter = "requester-vpc-info.vpc-id", list = "VpcPeeringConnections",
      id = "VpcPeeringConnectionId" },
  },
  subnet = { interfaces "subnet-id" },
  group = {
    interfaces "group-id",
    { "DescribeSecurityGroups", filter = "ip-permission.group-id", list = "SecurityGroups", id = "GroupId" },
    { "DescribeSecurityGroups", filter = "egress.ip-permission.group-id", list = "SecurityGroups", id = "GroupId" },
  },
}

---@class cso.kind.Used
---@field id string
---@field stack string?    whose it is, by its tags
---@field address string?
---@field says string?     how its service describes it

local function asked(r, question, found, seen)
  local out = r:try(question[1], { [question.by or "Filters"] = { { Name = question.filter, Values = { r.id } } } })
  for _, item in ipairs(out and out[question.list] or {}) do
    local id = item[question.id]
    if id ~= r.id and not seen[id] and not (question.unless and question.unless(item)) then
      seen[id] = true
      local own = tags.to_map(item.Tags or item.TagSet, true)
      found[#found + 1] = { id = id, stack = own[tags.OWNER.stack], address = own[tags.OWNER.address],
        says = item.Description ~= "" and item.Description or nil }
    end
  end
end

--- Who uses a thing. What can't be asked (a right is missing, the service doesn't know the question)
--- is left out: this is for telling people, and the deletion goes on as before.
---@param r cso.Handle
---@param sort string key of users.OF
---@return cso.kind.Used[]
function users.of(r, sort)
  local found, seen = {}, {}
  for _, question in ipairs(users.OF[sort]) do asked(r, question, found, seen) end
  return found
end

local SHOWN = 4

--- A list for people: `subnet-1 (EC2.Subnet.a of stack app), eni-2 (ELB app/web/…) and 3 more`.
---@param found cso.kind.Used[]
---@return string
function users.text(found)
  local out = {}
  for i = 1, math.min(SHOWN, #found) do
    local one = found[i]
    local what = one.stack and ("%s of stack %s"):format(one.address or "something", one.stack) or one.says
    out[i] = what and ("%s (%s)"):format(one.id, what) or one.id
  end
  local text = table.concat(out, ", ")
  return #found > SHOWN and ("%s and %d more"):format(text, #found - SHOWN) or text
end

--- The stacks that all of them belong to, when none of them is this stack's or nobody's: nothing that
--- this run does or waits for will take them away.
---@param found cso.kind.Used[]
---@param own string name of this stack
---@return string? names
local function others(found, own)
  local names, seen = {}, {}
  for _, one in ipairs(found) do
    if not one.stack or one.stack == own then return nil end
    if not seen[one.stack] then
      seen[one.stack], names[#names + 1] = true, one.stack
    end
  end
  table.sort(names)
  return names[1] and table.concat(names, ", ")
end

local FIRST, AGAIN, PATIENCE = 60, 300, 300 -- seconds: what just goes is gone by then; other stacks may be going, too

--- Looks now and then who uses the thing that a deletion waits for.
---@param r cso.Handle
---@param sort string? key of users.OF; without it nobody is asked
---@return fun(refused: cso.Err): cso.Err told   the refusal with names; raises when only other stacks use it
function users.watch(r, sort)
  local started, look, found = r.now(), FIRST, {}
  return function(refused)
    local spent = r.now() - started
    if sort and spent >= look then
      look, found = spent + AGAIN, users.of(r, sort)
      local names = spent >= PATIENCE and others(found, r.own and r.own[tags.OWNER.stack])
      if names then
        error(err.new { code = "used_elsewhere", class = "service", cause = refused,
          message = ("%s is used by %s"):format(r.id, users.text(found)),
          hint = ("destroy what uses it first (stack %s), or let go of it: csorun state rm %s"):format(names, r.address) }, 0)
      end
    end
    if #found == 0 then return refused end
    return err.new { code = refused.code, class = refused.class, cause = refused,
      message = ("%s: used by %s"):format(refused.code, users.text(found)) }
  end
end

return users
