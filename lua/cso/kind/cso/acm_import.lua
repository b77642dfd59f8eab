local find = require "cso.kind.find"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

--- ACM forgets nothing it is given but shows only the certificate: the rest is compared with what
--- was sent last.
local function body(r)
  local d = value.reveal(r.desired)
  return { Certificate = d.CertificatePem, PrivateKey = d.PrivateKeyPem, CertificateChain = d.ChainPem, CertificateArn = r.id }
end

local text = { kind = "string" }

return kind "cso.acm.Import" {
  service = "acm", id = "CertificateArn",
  describe = {
    name = "cso.acm.Import", id = { "CertificateArn" }, definitions = {},
    properties = {
      CertificatePem = { type = text, required = true },
      PrivateKeyPem = { type = text, required = true, sensitive = true },
      ChainPem = { type = text },
      Tags = { type = { kind = "map", element = text } },
    },
    attributes = { CertificateArn = { type = text }, NotAfter = { type = { kind = "timestamp" } } },
    tags = { property = "Tags" },
  },
  handles = { "CertificatePem", "PrivateKeyPem", "ChainPem", "Tags" },
  write_only = { "CertificatePem", "PrivateKeyPem", "ChainPem" },
  create = function(r)
    local p = body(r)
    p.Tags = tags.to_api(r:model(), "TagList", tags.owned(r.desired.Tags, r.own))
    r.id = r:call("ImportCertificate", p, { creates = true }).CertificateArn
    r.attributes = { CertificateArn = r.id }
  end,
  read = {
    "DescribeCertificate", take = "Certificate", tags = "read",
  },
  update = function(r, set)
    if set.CertificatePem or set.PrivateKeyPem or set.ChainPem then r:call("ImportCertificate", body(r)) end
    if set.Tags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  find = function(r)
    local token
    repeat
      local out = r:call("ListCertificates", { NextToken = token })
      for _, c in ipairs(out.CertificateSummaryList) do
        local list = r:call("ListTagsForCertificate", { CertificateArn = c.CertificateArn }).Tags
        local map = tags.to_map(list, true)
        if find.owned(r, map) and not find.known(r, c.CertificateArn) then return c.CertificateArn end
      end
      token = out.NextToken
    until not token
  end,
  delete = { "DeleteCertificate", retry = { "ResourceInUseException" }, expect = 60 },
  seconds = { create = 2, delete = 2 },
}
