--- What the name of an operation tells: whether it changes the account, and whether it may be
--- carried out twice. One table for the client's retries, the engine and playbooks.
local verbs = {}

-- First words of operations that only read.
local reads = {}
for verb in ([[Check Compare Count Decode Describe Detect Discover Download Estimate Evaluate Explain
  Filter Get Has Head Is List Lookup Poll Predict Preview Query Resolve Retrieve Sample Scan Search
  Select Simulate Suggest Summarize Test Validate Verify View
  BatchCheck BatchDescribe BatchGet BatchList]]):gmatch("%S+") do
  reads[verb] = true
end

-- Operations that leave the account as it is without being plain reads: keys that are handed out,
-- a query that is started, a message that is hidden for a while. A playbook may call them while it
-- is evaluated; whoever repeats them must still expect to have done something twice.
local harmless = { Assume = true, Calculate = true, Receive = true, Recommend = true, StartQuery = true }

-- "DescribeVpcs" as "Describe", "BatchGetItem" as "BatchGet".
local function words(operation)
  local first, second = operation:match("^(%u[%l%d]*)(%u?%l*)")
  if not first then return operation, operation end
  return first, first .. second
end

--- True when an operation only reads.
---@param operation string
---@return boolean
function verbs.reads(operation)
  local first, both = words(operation)
  return reads[first] or reads[both] or false
end

--- True when an operation leaves the account's resources as they are.
---@param operation string
---@return boolean
function verbs.harmless(operation)
  local first, both = words(operation)
  return verbs.reads(operation) or harmless[first] or harmless[both] or false
end

--- True when an operation may change something.
---@param operation string
---@param method string?  the HTTP method, where it tells (REST protocols)
---@return boolean
function verbs.mutates(operation, method)
  if method == "GET" or method == "HEAD" then return false end
  return not verbs.reads(operation)
end

return verbs
