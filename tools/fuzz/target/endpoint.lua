-- Endpoints: parameters in lines. What comes out is an error or an address that lies under the
-- partition's own names, whatever the parameters hold, unless the endpoint itself was given.
local catalogue = require "cso.std.catalogue"
local endpoint = require "cso.aws.endpoint"

local cases = { { "s3", "GetObject" }, { "s3", "ListBuckets" }, { "sts", "GetCallerIdentity" },
  { "dynamodb", "ListTables" }, { "s3control", "GetAccessPoint" }, { "events", "PutEvents" },
  { "kinesis", "PutRecord" }, { "lambda", "ListFunctions" } }

local suffixes = {}
local partitions = catalogue.partitions()
for _, p in ipairs(partitions.partitions) do
  suffixes[#suffixes + 1] = p.outputs.dnsSuffix
  suffixes[#suffixes + 1] = p.outputs.dualStackDnsSuffix
end

local function is_known(host)
  for _, suffix in ipairs(suffixes) do
    if host == suffix or host:sub(-#suffix - 1) == "." .. suffix then return true end
  end
  return false
end

return function(shared)
  return function(text)
    local bits, flags = text:byte(1, 2)
    local part = shared.parts(text:sub(3), 5)
    local case = cases[(bits or 0) % #cases + 1]
    flags = flags or 0
    local S = assert(catalogue.service(case[1]))
    local op = S:operation(case[2])
    op.name = op.name or case[2]
    local function flag(n) return flags & n ~= 0 end
    local settings = { region = part[1], fips = flag(1), dual_stack = flag(2), s3_accelerate = flag(4),
      s3_addressing = flag(8) and "path" or nil, account_id = part[4] ~= "" and part[4] or nil,
      endpoint = flag(16) and part[5] or nil }
    local params = { Bucket = part[2], Key = part[3], Name = part[2], AccountId = part[4], StreamName = part[2],
      StreamARN = part[3], EndpointId = part[3], FunctionName = part[2] }
    local found = shared.outcome(endpoint.resolve(S, op, params, settings, partitions))
    if not found then return end
    if settings.endpoint then return end
    local host = found.url:match("^https://([%w.-]+)%f[/\0]")
    assert(host and is_known(host), found.url)
  end
end
