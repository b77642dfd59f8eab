local kind = require "cso.kind.declare"

local function attached(r, listener)
  local arns, token = {}, nil
  repeat
    local out, e = r:try("DescribeListenerCertificates", { ListenerArn = listener, Marker = token })
    if not out then
      if e.code:match("NotFound") then return nil end
      error(e, 0)
    end
    for _, c in ipairs(out.Certificates) do
      if not c.IsDefault then arns[c.CertificateArn] = true end
    end
    token = out.NextMarker
  until not token or token == ""
  return arns
end

return kind "AWS::ElasticLoadBalancingV2::ListenerCertificate" {
  service = "elbv2", id = "Id", handles = { "ListenerArn", "Certificates" },
  create = function(r)
    r:call("AddListenerCertificates", { ListenerArn = r.desired.ListenerArn, Certificates = r.desired.Certificates })
    r.id = r.desired.ListenerArn
    r.attributes = { Id = r.id }
  end,
  read = function(r)
    local there = attached(r, r.id)
    if not there then return nil end
    local list = {}
    for _, c in ipairs(r.desired.Certificates or {}) do
      if there[c.CertificateArn] then list[#list + 1] = { CertificateArn = c.CertificateArn } end
    end
    if #list == 0 then return nil end
    return { Id = r.id, ListenerArn = r.id, Certificates = list }
  end,
  update = function(r)
    local want, remove = {}, {}
    for _, c in ipairs(r.desired.Certificates) do want[c.CertificateArn] = true end
    for _, c in ipairs(r.record and r.record.declared.Certificates or {}) do
      if not want[c.CertificateArn] then remove[#remove + 1] = c end
    end
    r:call("AddListenerCertificates", { ListenerArn = r.id, Certificates = r.desired.Certificates })
    if #remove > 0 then r:call("RemoveListenerCertificates", { ListenerArn = r.id, Certificates = remove }) end
  end,
  delete = function(r)
    local _, e = r:try("RemoveListenerCertificates", { ListenerArn = r.id, Certificates = r.desired.Certificates })
    if e and not e.code:match("NotFound") then error(e, 0) end
  end,
  find = function(r)
    local there = attached(r, r.desired.ListenerArn)
    for _, c in ipairs(r.desired.Certificates or {}) do
      if there and there[c.CertificateArn] then return r.desired.ListenerArn end
    end
  end,
  seconds = { create = 1, delete = 1 },
}
