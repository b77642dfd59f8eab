--- From what a Terraform state names to things that were read from the account, with what stands inside of
--- them: Terraform writes routes and rules inside their tables and groups, CloudFormation beside them.
local discover = require "cso.import.discover"
local kinds = require "cso.kind"

--- What is looked for inside of what was named, and the type it stands in.
local inside = {
  { "AWS::EC2::Route", "AWS::EC2::RouteTable" },
  { "AWS::EC2::VPCGatewayAttachment", "AWS::EC2::InternetGateway" },
  { "AWS::EC2::NetworkAclEntry", "AWS::EC2::NetworkAcl" },
  { "AWS::EC2::SubnetNetworkAclAssociation", "AWS::EC2::NetworkAcl" },
  { "AWS::ElasticLoadBalancingV2::ListenerCertificate", "AWS::ElasticLoadBalancingV2::Listener" },
  { "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroup" },
  { "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroup" },
}

local function by_region(things, home)
  local out = {}
  for _, thing in ipairs(things) do
    local region = thing.region or home
    out[region] = out[region] or {}
    table.insert(out[region], thing)
  end
  return out
end

local function add(work, thing)
  local K, e = kinds.of(thing.type, {})
  if not K then
    work.left[#work.left + 1] = { type = thing.source, id = thing.address, reason = e.message }
    return
  end
  work:add { type = thing.type, id = thing.id, kind = K, target = work.target, name = thing.name, from = thing.address }
end

local function one_region(opts, region, things)
  local work = discover.begin { session = opts.session, target = { region = region }, stack = opts.stack,
    sleep = opts.sleep, now = opts.now }
  for _, thing in ipairs(things) do
    if thing.type then
      add(work, thing)
    elseif not thing.part then
      work.left[#work.left + 1] = { type = thing.source, id = thing.address, reason = thing.reason }
    end
  end
  work.found = discover.read(work, work.found)
  work:split_groups()
  for _, pair in ipairs(inside) do
    work:list_inside(pair[1], pair[2])
  end
  work.found = discover.read(work, work.found)
  return work
end

--- Reads all that a state names.
---@param opts { session: table, stack: string?, sleep: function?, now: function?, region: string }
---@param things cso.import.terraform.Thing[]
---@return { items: cso.import.Item[], left: table[], refused: table[], split: table }
return function(opts, things)
  local all = { items = {}, left = {}, refused = {}, split = {} }
  local regions = by_region(things, opts.region)
  local names = {}
  for region in pairs(regions) do names[#names + 1] = region end
  table.sort(names)
  for _, region in ipairs(names) do
    local work = one_region(opts, region, regions[region])
    for _, part in ipairs { "left", "refused" } do
      table.move(work[part], 1, #work[part], #all[part] + 1, all[part])
    end
    table.move(work.found, 1, #work.found, #all.items + 1, all.items)
    for key, v in pairs(work.split) do all.split[key] = v end
  end
  return all
end
