-- The catalogue: how long opening takes, and the shapes of one operation. Medians, in one process:
--   build/csorun-lua tools/bench/catalogue.lua
local catalogue = require "cso.std.catalogue"
local loop = require "host.loop"
local mapped = require "cso.std.mapped"

local ROUNDS = 101

local function median(fn)
  local times = {}
  for i = 1, ROUNDS do
    collectgarbage()
    local started = loop.now()
    fn()
    times[i] = loop.now() - started
  end
  table.sort(times)
  return times[ROUNDS // 2 + 1] * 1000
end

local function closure(S, operation)
  local seen, count = {}, 0
  local function walk(ref)
    if not ref or seen[ref.shape] then return end
    seen[ref.shape], count = true, count + 1
    local shape = S:shape(ref.shape)
    for _, member in pairs(shape.members or {}) do walk(member) end
    walk(shape.member)
    walk(shape.key)
    walk(shape.value)
  end
  local op = S:operation(operation)
  walk(op.input)
  walk(op.output)
  for _, e in ipairs(op.errors or {}) do walk(e) end
  return count
end

local path = assert(catalogue.path())
local doc <close> = assert(mapped.open(path))
print(("%-44s %.1f MiB"):format("size", doc:size() / 1048576))
print(("%-44s %.4f ms"):format("open", median(function() mapped.open(path):close() end)))
for _, case in ipairs { { "ec2", "DescribeVpcs" }, { "ec2", "RunInstances" }, { "s3", "PutObject" },
  { "rds", "CreateDBInstance" } } do
  local count
  local ms = median(function()
    catalogue.open(path) -- nothing cached
    count = closure(catalogue.service(case[1]), case[2])
  end)
  print(("%-44s %.3f ms"):format(("%s.%s, all %d shapes"):format(case[1], case[2], count), ms))
end
for _, name in ipairs { "AWS::EC2::Subnet", "AWS::EC2::Instance", "AWS::WAFv2::WebACL" } do
  print(("%-44s %.3f ms"):format(name, median(function()
    catalogue.open(path)
    catalogue.type(name)
  end)))
end
print(("%-44s %.3f ms"):format("a name that is not there, with suggestion", median(function()
  catalogue.open(path)
  catalogue.type("AWS::EC2::Subnt")
end)))
