--- Which failures are worth another attempt, and which of them mean "slow down".
local codes = {}

local function set(list)
  local out = {}
  for _, v in ipairs(list) do out[v] = true end
  return out
end

codes.throttling = set {
  "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
  "TooManyRequestsException", "ProvisionedThroughputExceededException",
  "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
  "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
  "EC2ThrottledException",
}

codes.transient = set {
  "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "InternalError",
  "InternalFailure", "InternalServerError", "ServiceUnavailable", "IDPCommunicationError",
}

codes.transient_status = set { 500, 502, 503, 504 }

--- Answers that blame our clock.
codes.skew = set {
  "RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException", "SignatureDoesNotMatch",
  "AuthFailure", "RequestInTheFuture",
}

--- Answers that say that our keys have ended.
codes.expired = set { "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired" }

--- Answers that say that nobody knows our keys: they were taken back, or are not known in this region.
codes.unknown = set { "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken" }

--- Answers that say that our keys are wrong, unknown or ended: nothing will work before they change.
codes.credentials = set {
  "SignatureDoesNotMatch", "InvalidSignatureException", "UnrecognizedClientException",
  "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken",
  "ExpiredTokenException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
  "IncompleteSignature", "TokenRefreshRequired",
}

-- What the same server would do again.
local final = set { "too_large", "slow", "cancelled" }

--- Sets `throttled`, `transient`, `timeout`, `strange` and `retryable` on a failure.
---@param e table { code, status?, class, sent?, modelled_retryable?, modelled_throttling? }
---@return table e
function codes.classify(e)
  local network = e.class == "network"
  e.throttled = codes.throttling[e.code] and e.code ~= "PriorRequestNotComplete"
    or e.modelled_throttling or e.status == 429 or false
  e.transient = network or codes.transient[e.code] or codes.transient_status[e.status] or false
  if network and final[e.code] then e.transient = false end
  e.strange = network and (e.code == "protocol" or e.code == "stalled") or nil
  e.timeout = network and (e.code == "timeout" or e.code == "stalled")
  e.retryable = e.throttled or e.transient or e.modelled_retryable or false
  return e
end

return codes
