--- Copies from another region: the service there is shown a request of ours that it can check, as a
--- presigned URL among the params.
local protocol = require "cso.aws.protocol"
local sign = require "cso.aws.sign"

local copies = {}

local EXPIRES = 3600

-- Where a service wants the URL, and whether its wire knows the regions.
local ec2 = { member = "PresignedUrl", regions = true }
local rds = { member = "PreSignedUrl" }

local operations = {
  ec2 = { CopySnapshot = ec2 },
  rds = { CopyDBClusterSnapshot = rds, CreateDBCluster = rds, CopyDBSnapshot = rds, CreateDBInstanceReadReplica = rds,
    StartDBInstanceAutomatedBackupsReplication = rds },
  neptune = { CopyDBClusterSnapshot = rds, CreateDBCluster = rds },
  docdb = { CopyDBClusterSnapshot = rds, CreateDBCluster = rds },
}

local function url_of(client, op, params, source, target, authorize)
  local request, e = protocol.build(client.model, op, params)
  if not request then return nil, e end
  local where
  where, e = client:endpoint(op, params, source)
  if not where then return nil, e end
  local prepared
  prepared, e = sign.prepare(request, where)
  if not prepared then return nil, e end
  prepared.method = "GET"
  if not params.DestinationRegion then prepared.body = prepared.body .. "&DestinationRegion=" .. target end
  local time = math.floor(client.clock() + client.skew)
  local stages
  stages, e = authorize(client, op, params, prepared, where, time, EXPIRES)
  if not stages then return nil, e end
  return sign.url(prepared)
end

--- Completes the params of a call that copies from another region; others stay as they are.
---@param client table
---@param op table
---@param params table
---@param authorize function  cso.aws.call's
---@return table? params
---@return cso.Err? err
function copies.complete(client, op, params, authorize)
  local known = operations[client.model.name]
  local kind = known and known[op.name]
  local source = kind and params.SourceRegion
  if not source or source == "" then return params end
  local target = client.settings.region
  local copy = {}
  for k, v in next, params do copy[k] = v end
  if not kind.regions then copy.SourceRegion = nil end
  if copy[kind.member] ~= nil then return copy end
  if kind.regions then copy.DestinationRegion = target end
  local url, e = url_of(client, op, copy, source, target, authorize)
  if not url then return nil, e end
  copy[kind.member] = url
  return copy
end

return copies
