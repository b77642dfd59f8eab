--- What csorun made by itself and remembered (passwords, keys, certificates) is found again in the things
--- that were declared to carry it. Only what is found whole counts: half a certificate helps nobody.
local carried = require "cso.import.carried"
local deep = require "cso.std.deep"
local kinds = require "cso.kind"
local value = require "cso.std.value"
local x509 = require "cso.std.x509"

local function body_of(r)
  local bucket, key = r.id:match "^([^/]+)/(.+)$"
  local out = r:try("s3.GetObject", { Bucket = bucket, Key = key })
  return out and out.Body
end

local function certificate(member)
  return function(r)
    local out = r:try("acm.GetCertificate", { CertificateArn = r.id })
    return out and out[member]
  end
end

--- Properties that can be read back although a look at their thing does not show them.
local readable = {
  ["cso.s3.Object"] = { Content = body_of },
  ["cso.acm.Import"] = { CertificatePem = certificate "Certificate", ChainPem = certificate "CertificateChain" },
}

local function reader(type_name, property)
  local K = kinds.native(type_name)
  if K and K.spec.keeps == property then return K.spec.fetch end
  return readable[type_name] and readable[type_name][property]
end

-- The attributes of a declaration that others carry, whole or in a text of which they are a part.
local function found(work, decl, handle_for, lookup)
  local texts = {}
  for _, other in ipairs(work.program.declarations) do
    local record = other.form == "resource" and work.records[other.address]
    for property, v in pairs(record and other.properties or {}) do
      local read = reader(other.type, property)
      if read and deep.contains(value.dependencies({ v }), decl.address) then
        local ok, text = pcall(read, handle_for(work, other.address, kinds.native(other.type), record))
        if ok and type(text) == "string" then
          for path, one in pairs(carried.texts(v, decl.address, text, lookup)) do texts[path] = texts[path] or one end
        end
      end
    end
  end
  return texts
end

local KEY_FIRST = "^(.-%-%-%-%-%-END [%u ]*PRIVATE KEY%-%-%-%-%-\n)(.+)$"

--- What follows from what was found.
local derive = {
  ["cso.tls.Authority"] = function(texts)
    local key, pem = (texts.KeyAndCertificatePem or ""):match(KEY_FIRST)
    texts.PrivateKeyPem, texts.CertificatePem = texts.PrivateKeyPem or key, texts.CertificatePem or pem
    if texts.PrivateKeyPem and texts.CertificatePem then
      texts.KeyAndCertificatePem = texts.PrivateKeyPem .. texts.CertificatePem
    end
  end,
  ["cso.tls.Certificate"] = function(texts, desired)
    local authority = value.reveal(desired.Authority)
    texts.ChainPem = texts.ChainPem or type(authority) == "string" and select(2, authority:match(KEY_FIRST)) or nil
  end,
}

local function add_facts(attributes)
  local pem = attributes.CertificatePem
  local ok, facts = pcall(x509.parse, pem)
  if not ok or not facts then return end
  attributes.Serial, attributes.NotAfter, attributes.Fingerprint = facts.serial, facts.not_after, facts.fingerprint
  attributes.Id = facts.fingerprint
end

--- The attributes of a thing that lived in the state only; nil when some are nowhere.
---@param work table        of import.rebuild
---@param decl table
---@param K cso.Kind
---@param desired table
---@param handle_for fun(work: table, address: string, K: cso.Kind, record: table): cso.Handle
---@param lookup fun(address: string, path: string): any   what is known by now
---@return table? attributes
return function(work, decl, K, desired, handle_for, lookup)
  local texts = found(work, decl, handle_for, lookup)
  if derive[decl.type] then derive[decl.type](texts, desired) end
  local attributes = { Id = "rebuilt-" .. decl.address:gsub("[^%w]", "-") }
  for path, text in pairs(texts) do
    local A = K.schema.attributes[path]
    if A and A.sensitive then
      attributes[path] = value.secret(text, { origin = { address = decl.address, path = path } })
    elseif A then
      attributes[path] = text
    end
  end
  if attributes.CertificatePem then add_facts(attributes) end
  for path in pairs(K.schema.attributes) do
    if attributes[path] == nil then return nil end
  end
  return attributes
end
