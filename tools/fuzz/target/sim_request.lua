-- Signed requests to the simulator: an answer, never a failure of its own. The first byte chooses the
-- service, then come the path, the query, a header and the body.
local json = require "cso.std.json"
local support = require "spec.sim.support"

local services = {
  { "ec2", "form" }, { "sts", "form" }, { "iam", "form" }, { "secretsmanager", "secretsmanager" }, { "ssm", "AmazonSSM" },
  { "kms", "TrentService" }, { "logs", "Logs_20140328" }, { "s3" }, { "route53" }, { "efs" }, { "backup" },
  { "rds", "form" }, { "elbv2", "form" }, { "acm", "CertificateManager" },
}
local methods = { "GET", "PUT", "POST", "DELETE", "HEAD" }

local sim, count = nil, 0

return function(_shared)
  return function(text)
    -- A world that has been filled for long answers other than a fresh one.
    if count % 500 == 0 then sim = support.world() end
    count = count + 1
    local first, second = text:byte(1, 2)
    local service = services[(first or 0) % #services + 1]
    local how = second or 0
    local path, query, target, body = text:sub(3):match("^([^\n]*)\n?([^\n]*)\n?([^\n]*)\n?(.*)$")
    local request = { method = methods[how % #methods + 1], path = "/", query = "", body = body,
      headers = {}, service = service[1] }
    local kind = service[2]
    if kind then
      request.method = "POST"
      if kind == "form" then
        request.headers[1] = { "content-type", "application/x-www-form-urlencoded" }
      else
        request.headers[1] = { "content-type", "application/x-amz-json-1.1" }
        request.headers[2] = { "x-amz-target", kind .. "." .. target:gsub("[^%w._]", "") }
      end
    else
      local function encoded(s, keep)
        return (s:gsub("[^%w%-._~" .. keep .. "]", function(c) return ("%%%02X"):format(c:byte()) end))
      end
      request.path = "/" .. encoded(path, "/")
      request.query = encoded(query, "=&")
      local name, value = target:match("^([%a-]+):%s*([%g ]*)$")
      if name then request.headers[1] = { name:lower(), value } end
    end
    local signed, built = pcall(sim.sign, sim, request)
    if not signed then return end -- a header that the signer does not take
    local response = sim:send(built)
    if sim.defect then
      local defect = sim.defect
      sim.defect = nil
      error(defect, 0)
    end
    assert(response.abort or response.status, json.encode(response))
  end
end
