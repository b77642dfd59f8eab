--- Directory buckets of S3 (…--x-s3): calls are signed with the keys of a session of the bucket,
--- which lasts some minutes. One session per bucket and client, renewed ahead of its end.
local credentials = require "cso.aws.credentials"
local keys = require "cso.aws.credentials.keys"

local express = {}

-- Sessions last five minutes; the usual quarter of an hour would renew them with every call.
local ADVISORY, MANDATORY = 90, 30
local MOST = 100

-- One at a time within tasks: the others wait for the first and then find its session.
local function alone()
  local gate
  return function(fn)
    local task = require "cso.task"
    if not task.current() then return fn() end
    gate = gate or task.semaphore(1)
    return gate:with(fn)
  end
end

local function create(client, bucket)
  local answer, e = client:call("CreateSession", { Bucket = bucket })
  if not answer then return nil, e end
  local c = answer.Credentials or {}
  return keys.checked { access_key = c.AccessKeyId, secret_key = c.SecretAccessKey,
    token = c.SessionToken, expires = c.Expiration, source = "session of bucket " .. bucket }
end

--- The keys of a bucket's session; within a task when there is none yet.
---@param client cso.aws.Client of s3
---@param bucket string
---@return table? keys
---@return cso.Err? err
function express.keys(client, bucket)
  local provider = client.sessions[bucket]
  if not provider then
    local n = 0
    for _ in next, client.sessions do n = n + 1 end
    if n >= MOST then client.sessions = {} end
    provider = credentials.provider { find = function() return create(client, bucket) end,
      clock = client.clock, alone = alone(), advisory = ADVISORY, mandatory = MANDATORY }
    client.sessions[bucket] = provider
  end
  return provider:get()
end

--- Other keys for a bucket in the place of a session's that the service has called ended; the ones that
--- another call has got meanwhile are taken.
---@param client cso.aws.Client
---@param bucket string?
---@param used table  the keys
---@return boolean is_session  false: they are the caller's own
---@return boolean renewed
function express.ended(client, bucket, used)
  local provider = bucket and client.sessions[bucket]
  if not provider or not used.source:find("^session of bucket ") then return false, false end
  return true, provider:ended(used) ~= nil
end

return express
