--- Every operation of every simulated service, with inputs that are well typed and senseless: it may
--- refuse them, but never fail itself.
local catalogue = require "cso.std.catalogue"
local images = require "sim.data.images"
local read = require "sim.protocol.read"
local registry = require "sim.registry"
local support = require "spec.sim.support"

local ROUNDS = tonumber(os.getenv "CSORUN_FUZZ_ROUNDS") or 4

-- A small generator of its own, so that a failure can be played again.
local function dice(seed)
  local state = seed
  return function(n)
    state = (state * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
    return (state >> 33) % n + 1
  end
end

local function generate(S, name, roll, pool, depth)
  local shape = S:shape(name)
  local kind = shape.type
  if kind == "structure" then
    local out, required = {}, {}
    for _, r in ipairs(shape.required or {}) do required[r] = true end
    local names = {}
    for member in pairs(shape.members or {}) do names[#names + 1] = member end
    table.sort(names)
    for _, member in ipairs(names) do
      if member ~= "DryRun" and (required[member] or (depth < 5 and roll(3) == 1)) then
        out[member] = generate(S, shape.members[member].shape, roll, pool, depth + 1)
      end
    end
    return out
  elseif kind == "list" then
    local out = {}
    for i = 1, roll(3) - 1 do out[i] = generate(S, shape.member.shape, roll, pool, depth + 1) end
    return out
  elseif kind == "map" then
    return { [roll(2) == 1 and "Name" or "*"] = generate(S, shape.value.shape, roll, pool, depth + 1) }
  elseif kind == "boolean" then return roll(2) == 1
  elseif kind == "integer" or kind == "long" then return (shape.min or 0) + roll(5) - 1
  elseif kind == "timestamp" then return support.NOW
  elseif kind == "double" or kind == "float" then return roll(100) / 10
  end
  if shape.enum then return shape.enum[roll(#shape.enum)] end
  return pool[roll(#pool)]
end

-- Whatever looks like a name or an id in an answer may be asked for later.
local function harvest(v, pool, depth)
  if type(v) == "string" then
    if #v > 3 and #v < 200 and #pool < 400 and utf8.len(v) then pool[#pool + 1] = v end
  elseif type(v) == "table" and depth < 6 then
    for k, item in pairs(v) do
      if type(k) ~= "string" or k:sub(1, 1) ~= "_" then harvest(item, pool, depth + 1) end
    end
  end
end

local function simulated()
  local reg, list = registry.new(), {}
  for _, name in ipairs(catalogue.services()) do
    local s = reg:get(name)
    if s and s.simulated then list[#list + 1] = s end
  end
  return list
end

describe("a simulated service never fails on a well-typed input", function()
  for _, s in ipairs(simulated()) do
    it(s.name, function()
      local sim = support.world { latency = "realistic" }
      local world = sim.world
      local pool = { "10.0.0.0/16", "10.0.1.0/24", "0.0.0.0/0", "web", "tcp", "$Latest", "eu-west-2a", "t3.small",
        "arn:aws:iam::123456789012:role/r", "{}", "", "a b\0c", images.list("eu-west-2")[1].id, "*", "ü" }
      local names = {}
      for op in pairs(world.registry:get(s.name).handlers) do names[#names + 1] = op end
      table.sort(names)
      local service = world.registry:get(s.name)
      local who = { account = "123456789012", access_key = support.KEY }
      for round = 1, ROUNDS do
        local roll = dice(round * 7919)
        for _, op_name in ipairs(names) do
          local op = registry.operation(service, op_name)
          local input = op.input and generate(service.model, op.input.shape, roll, pool, 0) or {}
          -- What the model itself forbids never reaches a handler.
          local problems = {}
          if op.input then input = read.compile(service.model, op.input.shape, "cbor")(input, "", problems) end
          local call = { service = service, op = op, region = "eu-west-2", who = who, request_id = "r" }
          local output, fault
          if not problems[1] then output, fault = world:guarded(world.perform, world, call, input) end
          if fault and fault.defect then
            error(("%s.%s, round %d: %s"):format(s.name, op_name, round, fault.message))
          end
          if output then
            harvest(output, pool, 0)
            local voice = require("sim.protocol")[service.protocol]
            local _, broken = world:guarded(voice.encode, service, op, output, "r")
            if broken then error(("%s.%s cannot be encoded: %s"):format(s.name, op_name, broken.message)) end
          end
          sim.time = sim.time + roll(20)
        end
      end
    end)
  end
end)
