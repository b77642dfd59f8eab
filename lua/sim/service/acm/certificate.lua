--- Certificates, requested and imported.
local hash = require "cso.std.hash"
local tags = require "sim.help.tags"
local x509 = require "cso.std.x509"

local certificate = {}

local function need(ctx, arn)
  local row = ctx:table("Certificate"):get(arn)
  if not row then ctx:fail("ResourceNotFoundException", ("Could not find certificate %s."):format(arn)) end
  return row
end

local function save(ctx, row) ctx:table("Certificate"):put(row.CertificateArn, row) end

local function new_arn(ctx) return ctx:arn("certificate/" .. ctx.ids:uuid()) end

local function check_tags(ctx, list)
  local seen = {}
  for _, t in ipairs(list or {}) do
    if t.Key:match("^aws:") then ctx:fail("InvalidTagException",
      "aws: prefixed tag key names are not allowed for external use.") end
    if seen[t.Key] then ctx:fail("InvalidTagException", "Duplicate tag keys.") end
    seen[t.Key] = true
  end
  if #(list or {}) > 50 then ctx:fail("TooManyTagsException", "Too many tags.") end
  return list or {}
end

--- Who uses a certificate: the listeners of load balancers that name it.
local function users(ctx, arn)
  local list = {}
  local elb = ctx:of("elbv2")
  for _, listener in ipairs(elb:table("Listener"):list()) do
    for _, c in ipairs(listener._certificates or listener.Certificates or {}) do
      if c.CertificateArn == arn then list[#list + 1] = listener.LoadBalancerArn end
    end
  end
  return list
end

local function domain_ok(name)
  name = name:gsub("^%*%.", "")
  return #name <= 253 and name:match("^[%w-]+%.[%w.-]+$") and not name:match("%.%.")
end

local function validation(ctx, name, method)
  local token = hash.sha256_hex(name .. ctx.account):sub(1, 32)
  local host = name:gsub("^%*%.", "")
  return { DomainName = name, ValidationDomain = host, ValidationMethod = method,
    ResourceRecord = method == "DNS" and { Name = ("_%s.%s."):format(token, host), Type = "CNAME",
      Value = ("_%s.acm-validations.aws."):format(hash.sha256_hex(token):sub(1, 32)) } or nil,
    ValidationEmails = method == "EMAIL" and { "admin@" .. host } or nil }
end

function certificate.RequestCertificate(ctx, input)
  if not domain_ok(input.DomainName) then
    ctx:fail("InvalidDomainValidationOptionsException", ("The domain name %s is not valid."):format(input.DomainName))
  end
  local method = input.ValidationMethod or "EMAIL"
  local names, options = { input.DomainName }, {}
  for _, name in ipairs(input.SubjectAlternativeNames or {}) do
    if not domain_ok(name) then ctx:fail("InvalidDomainValidationOptionsException",
      ("The domain name %s is not valid."):format(name)) end
    if name ~= input.DomainName then names[#names + 1] = name end
  end
  if #names > 10 then ctx:fail("LimitExceededException", "A certificate can have ten names.") end
  for i, name in ipairs(names) do options[i] = validation(ctx, name, method) end
  local row = { CertificateArn = new_arn(ctx), DomainName = input.DomainName, SubjectAlternativeNames = names,
    DomainValidationOptions = options, CreatedAt = ctx.now, Type = "AMAZON_ISSUED", RenewalEligibility = "INELIGIBLE",
    KeyAlgorithm = (input.KeyAlgorithm or "RSA_2048"):gsub("_", "-"), SignatureAlgorithm = "SHA256WITHRSA", Issuer = "Amazon",
    Subject = "CN=" .. input.DomainName, Options = input.Options or { CertificateTransparencyLoggingPreference = "ENABLED" },
    _tags = check_tags(ctx, input.Tags) }
  save(ctx, row)
  return { CertificateArn = row.CertificateArn }
end

--- DNS validation succeeds once the records stand in a hosted zone of the account; a certificate
--- by e-mail is confirmed after a minute, since nobody reads the mail here.
local function status(ctx, row)
  if row.Status then return row.Status end
  local started = row.CreatedAt
  for _, o in ipairs(row.DomainValidationOptions) do
    local record, found = o.ResourceRecord, false
    if record then
      for _, set in ipairs(ctx:of("route53"):table("Record"):list()) do
        if set.Name == record.Name and set.Type == "CNAME" then found = true end
      end
    else
      found = ctx:due(started + 60) or ctx:after(60) <= ctx.now
    end
    if not found then return "PENDING_VALIDATION" end
  end
  row.Status, row.IssuedAt, row.NotBefore, row.NotAfter = "ISSUED", ctx.now, ctx.now, ctx.now + 395 * 86400
  row.Serial = hash.sha256_hex(row.CertificateArn):sub(1, 32)
  save(ctx, row)
  return "ISSUED"
end

function certificate.DescribeCertificate(ctx, input)
  local row = need(ctx, input.CertificateArn)
  local out = { Status = status(ctx, row) }
  for k, v in pairs(row) do out[k] = v end
  out.InUseBy = users(ctx, row.CertificateArn)
  for _, o in ipairs(out.DomainValidationOptions or {}) do
    o.ValidationStatus = out.Status == "ISSUED" and "SUCCESS" or "PENDING_VALIDATION"
  end
  return { Certificate = out }
end

function certificate.ImportCertificate(ctx, input)
  local facts, e = x509.parse(input.Certificate)
  if not facts then
    ctx:fail("ValidationException",
      "The certificate field contains more than one certificate or is not a valid PEM-encoded certificate: "
      .. (e and e.message or ""))
  end
  if not input.PrivateKey:match("%-%-%-%-%-BEGIN [%u ]*PRIVATE KEY%-%-%-%-%-") then
    ctx:fail("ValidationException", "The private key is not a valid PEM-encoded unencrypted key.")
  end
  if facts.not_after <= ctx.now then ctx:fail("ValidationException", "The certificate is expired.") end
  local row
  if input.CertificateArn then
    row = need(ctx, input.CertificateArn)
    if row.Type ~= "IMPORTED" then ctx:fail("ValidationException", "Only imported certificates can be imported again.") end
    if input.Tags then ctx:fail("InvalidParameterException", "Tags can't be given when a certificate is imported again.") end
  else
    row = { CertificateArn = new_arn(ctx), Type = "IMPORTED", CreatedAt = ctx.now, _tags = check_tags(ctx, input.Tags) }
  end
  local cn = facts.subject and (facts.subject.CN or facts.subject.common_name) or tostring(facts.subject or "")
  row.DomainName, row.SubjectAlternativeNames = cn, facts.san and (facts.san.dns or facts.san) or { cn }
  row.Subject, row.Issuer, row.Serial = "CN=" .. cn, facts.issuer and (facts.issuer.CN or facts.issuer.common_name), facts.serial
  row.ImportedAt, row.NotBefore, row.NotAfter, row.Status = ctx.now, facts.not_before, facts.not_after, "ISSUED"
  row.KeyAlgorithm, row.SignatureAlgorithm, row.RenewalEligibility = "RSA-2048", "SHA256WITHRSA", "INELIGIBLE"
  row.Options = { CertificateTransparencyLoggingPreference = "DISABLED" }
  row._body, row._chain = input.Certificate, input.CertificateChain
  save(ctx, row)
  return { CertificateArn = row.CertificateArn }
end

function certificate.GetCertificate(ctx, input)
  local row = need(ctx, input.CertificateArn)
  if status(ctx, row) ~= "ISSUED" then
    ctx:fail("RequestInProgressException", "The certificate request is in progress.")
  end
  return { Certificate = row._body or "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", CertificateChain = row._chain }
end

function certificate.ListCertificates(ctx, input)
  local wanted, list = {}, {}
  for _, s in ipairs(input.CertificateStatuses or {}) do wanted[s] = true end
  for _, row in ipairs(ctx:table("Certificate"):list()) do
    local state = status(ctx, row)
    if not next(wanted) or wanted[state] then
      local used = users(ctx, row.CertificateArn)
      list[#list + 1] = { CertificateArn = row.CertificateArn, DomainName = row.DomainName, Status = state, Type = row.Type,
        InUse = #used > 0, CreatedAt = row.CreatedAt, NotAfter = row.NotAfter, NotBefore = row.NotBefore,
        SubjectAlternativeNameSummaries = row.SubjectAlternativeNames, KeyAlgorithm = (row.KeyAlgorithm or ""):gsub("-", "_") }
    end
  end
  local page, token = ctx:page(list, input.NextToken, input.MaxItems, 100, "InvalidArgsException")
  return { CertificateSummaryList = page, NextToken = token }
end

function certificate.DeleteCertificate(ctx, input)
  local row = need(ctx, input.CertificateArn)
  if #users(ctx, row.CertificateArn) > 0 then
    ctx:fail("ResourceInUseException", ("Certificate %s in account %s is in use."):format(row.CertificateArn, ctx.account))
  end
  ctx:table("Certificate"):delete(row.CertificateArn)
  return {}
end

function certificate.UpdateCertificateOptions(ctx, input)
  local row = need(ctx, input.CertificateArn)
  if row.Type == "IMPORTED" then ctx:fail("InvalidStateException", "Options of imported certificates can't be changed.") end
  row.Options = input.Options
  save(ctx, row)
  return {}
end

function certificate.AddTagsToCertificate(ctx, input)
  local row = need(ctx, input.CertificateArn)
  check_tags(ctx, input.Tags)
  row._tags = tags.merge(row._tags, input.Tags)
  save(ctx, row)
  return {}
end

function certificate.RemoveTagsFromCertificate(ctx, input)
  local row, gone, left = need(ctx, input.CertificateArn), {}, {}
  for _, t in ipairs(input.Tags) do gone[t.Key] = t.Value or true end
  for _, t in ipairs(row._tags) do
    if gone[t.Key] ~= true and gone[t.Key] ~= t.Value then left[#left + 1] = t end
  end
  row._tags = left
  save(ctx, row)
  return {}
end

function certificate.ListTagsForCertificate(ctx, input) return { Tags = need(ctx, input.CertificateArn)._tags } end

return certificate
