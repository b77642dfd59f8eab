local kind = require "cso.kind.declare"

local function describe(r)
  return r:call("DescribeCertificate", { CertificateArn = r.id }).Certificate
end

--- Writes the records by which ACM sees that the domain is ours, where a zone is named for them.
local function validate(r)
  local zones = {}
  for _, o in ipairs(r.desired.DomainValidationOptions or {}) do zones[o.DomainName] = o.HostedZoneId end
  if not next(zones) then return end
  local options = r:poll("waiting for the validation records", function()
    local list = describe(r).DomainValidationOptions
    for _, o in ipairs(list or {}) do
      if zones[o.DomainName] and not o.ResourceRecord then return false end
    end
    return list
  end, 5)
  for _, o in ipairs(options) do
    local record = zones[o.DomainName] and o.ResourceRecord
    if record then
      r:call("route53.ChangeResourceRecordSets", { HostedZoneId = zones[o.DomainName], ChangeBatch = { Changes = { {
        Action = "UPSERT", ResourceRecordSet = { Name = record.Name, Type = record.Type, TTL = 300,
          ResourceRecords = { { Value = record.Value } } } } } } }, { repeatable = true })
    end
  end
end

--- The writing of those records, once for each name that has a zone.
local function records_of(d)
  local names, out = { [d.DomainName] = true }, {}
  for _, name in ipairs(d.SubjectAlternativeNames or {}) do names[name] = true end
  for _, o in ipairs(d.DomainValidationOptions or {}) do
    if names[o.DomainName] and o.HostedZoneId then out[#out + 1] = "route53.ChangeResourceRecordSets" end
  end
  return out
end

return kind "AWS::CertificateManager::Certificate" {
  service = "acm", id = "CertificateArn",
  create = {
    "RequestCertificate", tags = "Tags", bare = true,
    skip = { "DomainValidationOptions", "CertificateTransparencyLoggingPreference", "CertificateExport" },
    handles = { "DomainValidationOptions", "CertificateTransparencyLoggingPreference", "CertificateExport" },
    with = function(p, r)
      local d = r.desired
      if d.CertificateTransparencyLoggingPreference or d.CertificateExport then
        p.Options = { CertificateTransparencyLoggingPreference = d.CertificateTransparencyLoggingPreference,
          Export = d.CertificateExport }
      end
      if #(p.SubjectAlternativeNames or {}) == 0 then p.SubjectAlternativeNames = nil end
      local list = {}
      for _, o in ipairs(d.DomainValidationOptions or {}) do
        if o.ValidationDomain then list[#list + 1] = { DomainName = o.DomainName, ValidationDomain = o.ValidationDomain } end
      end
      if #list > 0 then p.DomainValidationOptions = list end
    end,
  },
  read = {
    "DescribeCertificate", take = "Certificate", tags = "read",
    failed_when = { Status = { "FAILED", "VALIDATION_TIMED_OUT" } }, failed_why = "FailureReason",
    shape = function(model, raw, r)
      model.DomainValidationOptions = r.desired.DomainValidationOptions
      local options = raw.Options or {}
      model.CertificateTransparencyLoggingPreference = options.CertificateTransparencyLoggingPreference
      model.CertificateExport = options.Export
      local names = {}
      for _, name in ipairs(raw.SubjectAlternativeNames or {}) do
        -- ACM adds the domain itself to the list.
        if name ~= raw.DomainName then names[#names + 1] = name end
      end
      model.SubjectAlternativeNames = names
      model.ValidationMethod = r.desired.ValidationMethod
      model.KeyAlgorithm = (raw.KeyAlgorithm or ""):gsub("-", "_")
      return model
    end,
  },
  update = {
    CertificateTransparencyLoggingPreference = function(r, want)
      r:call("UpdateCertificateOptions", { CertificateArn = r.id, Options = { CertificateTransparencyLoggingPreference = want } })
    end,
  },
  same = { SubjectAlternativeNames = function(want, have, node)
    local domain, there, asked = node.desired.DomainName, {}, {}
    for _, name in ipairs(have or {}) do there[name] = true end
    for _, name in ipairs(want or {}) do
      asked[name] = true
      if not there[name] and name ~= domain then return false end
    end
    for name in pairs(there) do
      if not asked[name] and name ~= domain then return false end
    end
    return true
  end },
  find = function(r) return require("cso.kind.cso.acm_import").spec.find(r) end,
  ready = function(r)
    validate(r)
    r:poll("waiting for the certificate to be issued", function()
      local c = describe(r)
      if c.Status == "FAILED" or c.Status == "VALIDATION_TIMED_OUT" then
        r:fail("failed", ("%s went to %s: %s"):format(r.address, c.Status, c.FailureReason or "no reason given"))
      end
      return c.Status == "ISSUED"
    end, 60)
  end,
  use = "ready",
  delete = { "DeleteCertificate", retry = { "ResourceInUseException" }, expect = 60 },
  foretell = { create = records_of, update = records_of },
  seconds = { create = 60, delete = 2 },
}
