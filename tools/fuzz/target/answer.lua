-- Answers of services, in all protocols: output or an error, nothing else. The first byte chooses the
-- operation, the second the status; lines of headers follow up to an empty one, then the body.
local client = require "cso.aws.client"
local json = require "cso.std.json"

local operations = {
  { "dynamodb", "Query" }, { "dynamodb", "ListTables" }, { "ec2", "DescribeInstances" }, { "ec2", "RunInstances" },
  { "sts", "AssumeRole" }, { "sqs", "ReceiveMessage" }, { "iam", "ListUsers" }, { "s3", "ListObjectsV2" },
  { "s3", "GetObject" }, { "s3", "GetBucketLocation" }, { "s3", "CompleteMultipartUpload" },
  { "s3", "SelectObjectContent" }, { "route53", "ListResourceRecordSets" }, { "lambda", "Invoke" },
  { "lambda", "ListFunctions" }, { "apigatewayv2", "GetApis" }, { "kinesis", "SubscribeToShard" },
  { "lambda", "InvokeWithResponseStream" }, { "arc-region-switch", "ListPlans" }, { "cloudwatch", "GetMetricData" },
  { "rds", "DescribeDBInstances" }, { "cloudfront", "ListDistributions" }, { "glacier", "ListVaults" },
  { "bedrock-runtime", "Converse" },
}

local statuses = { 200, 200, 200, 200, 206, 301, 400, 403, 404, 429, 500, 503 }

local clients = {}

local function client_of(service)
  local c = clients[service]
  if not c then
    c = assert(client.new { service = service, region = "eu-west-2", clock = function() return 1700000000 end })
    clients[service] = c
  end
  return c
end

return function(shared)
  return function(text)
    local which, how = text:byte(1, 2)
    local operation = operations[(which or 0) % #operations + 1]
    local headers, at = {}, 3
    while true do
      local name, value, stop = text:match("^([%w-]+):%s*([^\n]*)\n()", at)
      if not name then break end
      headers[name:lower()] = value
      at = stop
    end
    if text:sub(at, at) == "\n" then at = at + 1 end
    local output, e = shared.outcome(client_of(operation[1]):parse(operation[2], { headers = headers,
      status = statuses[(how or 0) % #statuses + 1], body = text:sub(at) }))
    if output == nil then
      assert(e and type(e.code) == "string" and type(e.message) == "string", "an error without words")
      assert(e.fields == nil or type(e.fields) == "table")
    else
      json.encode(output)
    end
  end
end
