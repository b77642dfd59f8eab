--- Measures the codecs side by side with Debian's lua-cjson and lua-expat, where those load:
---   build/csorun-lua tools/bench/codecs.lua [FILE.json]
--- A ratio above 1 means that the other one is slower. Best of several rounds, CPU time.
local gzip = require "host.gzip"
local hash = require "host.hash"
local json = require "host.json"
local sigv4 = require "host.sigv4"
local xml = require "host.xml"
local yaml = require "host.yaml"

local function best(fn, argument)
  local least = math.huge
  for _ = 1, 7 do
    collectgarbage()
    local before = os.clock()
    fn(argument)
    least = math.min(least, os.clock() - before)
  end
  return least
end

local function instance(i)
  return {
    InstanceId = ("i-%017x"):format(i), InstanceType = "m5.large", AmiLaunchIndex = i % 7,
    State = { Code = 16, Name = "running" }, EbsOptimized = i % 2 == 0, Cpu = i / 3,
    BlockDeviceMappings = { { DeviceName = "/dev/xvda",
      Ebs = { VolumeId = ("vol-%017x"):format(i), DeleteOnTermination = true } } },
    SecurityGroups = { { GroupId = "sg-0123456789abcdef0", GroupName = "core \"quoted\"\n" } },
    Tags = { { Key = "Name", Value = "web-" .. i }, { Key = "Tier", Value = "caf\u{e9}" } },
  }
end

local function instances(n)
  local list = {}
  for i = 1, n do list[i] = instance(i) end
  return { Reservations = list }
end

local function to_xml(name, v)
  if type(v) ~= "table" then
    return ("<%s>%s</%s>"):format(name, xml.escape(tostring(v)), name)
  end
  local parts = {}
  for k, each in pairs(v) do
    parts[#parts + 1] = to_xml(type(k) == "number" and "item" or k, each)
  end
  return ("<%s>%s</%s>"):format(name, table.concat(parts, "\n "), name)
end

local function report(name, seconds, bytes, other_name, other)
  local line = ("%-24s %8.2f ms"):format(name, seconds * 1e3)
  if bytes then line = line .. (" %7.0f MB/s"):format(bytes / seconds / 1e6) end
  if other then line = line .. ("   %s / this = %.2f"):format(other_name, other / seconds) end
  print(line)
end

-- The nearest thing that users of lua-expat write: a node table per element.
local function lxp_reader(lxp)
  return function(text)
    local stack, root = {}, nil
    local parser = lxp.new {
      StartElement = function(_, name)
        local node, parent = { name = name:match "[^:]*$" }, stack[#stack]
        if parent then parent[#parent + 1] = node else root = node end
        stack[#stack + 1] = node
      end,
      EndElement = function() stack[#stack] = nil end,
      CharacterData = function(_, data)
        local node = stack[#stack]
        node.text = node.text and node.text .. data or data
      end,
    }
    assert(parser:parse(text))
    parser:parse()
    parser:close()
    return root
  end
end

local texts = { ["json (instances)"] = json.encode(instances(5000)) }
if arg[1] then
  local file = assert(io.open(arg[1], "rb"))
  texts["json (" .. arg[1]:match "[^/]*$" .. ")"] = file:read "a"
  file:close()
end

local has_cjson, cjson = pcall(require, "cjson")
local names = {}
for name in pairs(texts) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  local text = texts[name]
  local value = json.decode(text)
  report("decode " .. name, best(json.decode, text), #text, "cjson",
    has_cjson and best(cjson.decode, text))
  report("encode " .. name, best(json.encode, value), #text, "cjson, keys unsorted",
    has_cjson and best(cjson.encode, cjson.decode(text)))
end

local answer = to_xml("DescribeInstancesResponse", instances(3000))
local has_lxp, lxp = pcall(require, "lxp")
report("decode xml", best(xml.decode, answer), #answer, "lxp",
  has_lxp and best(lxp_reader(lxp), answer))

local lines = {}
for i = 1, 5000 do lines[i] = ("host%d: {class: m5.large, port: %d, tags: [a, b]}"):format(i, i) end
local env = table.concat(lines, "\n")
report("decode yaml", best(yaml.decode, env), #env)

local block = hash.random(1 << 20)
report("sha256", best(hash.sha256, block), #block)
report("crc32c", best(hash.crc32c, block), #block)
report("base64_encode", best(hash.base64_encode, block), #block)
report("gzip deflate", best(gzip.deflate, answer), #answer)

local request = {
  method = "POST", path = "/", region = "eu-west-2", service = "ec2", time = 1700000000,
  access_key = "AKIDEXAMPLE", secret_key = ("s"):rep(40), body = ("Action=DescribeVpcs&"):rep(10),
  headers = { { "host", "ec2.eu-west-2.amazonaws.com" }, { "content-type", "text/plain" } },
}
local signs = best(function() for _ = 1, 10000 do sigv4.sign(request) end end)
print(("%-24s %8.2f µs"):format("sign one request", signs * 100))
