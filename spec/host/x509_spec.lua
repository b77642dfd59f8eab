local x509 = require "host.x509"

local NOW = 1800000000
local DAY = 86400

local function fails(pattern, value, err)
  assert.is_nil(value)
  assert.equal("x509", err.code)
  assert.matches(pattern, err.message)
end

describe("host.x509", function()
  local root_key, root, leaf_key, leaf

  setup(function()
    root_key = assert(x509.key { type = "rsa", bits = 2048 })
    root = assert(x509.authority {
      key = root_key, subject = { CN = "Portal Root, \u{e9}", O = "Example" }, days = 30 * 365,
      path_length = 0, now = NOW,
    })
    leaf_key = assert(x509.key { type = "ec" })
    leaf = assert(x509.certificate {
      key = leaf_key, subject = { CN = "portal.internal" }, hours = 48, now = NOW, serial = "00a1",
      dns = { "portal.internal", "*.portal.internal" }, ip = { "10.0.0.1", "fd00::1" },
      usages = { "server", "client" }, authority_certificate = root, authority_key = root_key,
    })
  end)

  it("makes keys as PEM", function()
    assert.matches("^%-%-%-%-%-BEGIN PRIVATE KEY%-%-%-%-%-\n.+\n%-%-%-%-%-END PRIVATE KEY%-%-%-%-%-\n$",
      root_key)
    assert.are_not.equal(x509.key { type = "ec" }, leaf_key)
    assert.error_matches(function() x509.key { bits = 512 } end, "2048 to 8192")
    assert.error_matches(function() x509.key { type = "dsa" } end, "rsa or ec")
  end)

  it("makes a root whose figures are those that were asked for", function()
    local facts = assert(x509.parse(root))
    assert.equal("O=Example,CN=Portal Root\\, \u{e9}", (facts.subject:gsub("^(CN=.-),(O=.*)$", "%2,%1")))
    assert.equal(facts.subject, facts.issuer)
    assert.equal("Portal Root, \u{e9}", facts.common_name)
    assert.is_true(facts.is_ca)
    assert.is_true(facts.self_issued)
    assert.equal(NOW - 300, facts.not_before)
    assert.equal(NOW + 30 * 365 * DAY, facts.not_after)
    assert.equal("RSA", facts.algorithm)
    assert.equal(2048, facts.bits)
    assert.same({}, facts.san)
    assert.equal(64, #facts.fingerprint)
  end)

  it("issues leaves", function()
    local facts = assert(x509.parse(leaf))
    assert.equal("CN=portal.internal", facts.subject)
    assert.equal(x509.parse(root).subject, facts.issuer)
    assert.is_false(facts.is_ca)
    assert.equal("a1", facts.serial)
    assert.equal(NOW + 2 * DAY, facts.not_after)
    assert.equal("EC", facts.algorithm)
    assert.same({ "dns:portal.internal", "dns:*.portal.internal", "ip:10.0.0.1",
      "ip:fd00:0:0:0:0:0:0:1" }, facts.san)
  end)

  it("draws a new positive serial each time", function()
    local seen = {}
    for _ = 1, 5 do
      local serial = x509.parse(x509.authority {
        key = leaf_key, subject = { CN = "x" }, days = 1, now = NOW,
      }).serial
      assert.is_nil(seen[serial])
      seen[serial] = true
      assert.is_true(#serial <= 40)
    end
  end)

  it("verifies chains, names and times", function()
    assert.is_true(x509.verify { certificate = leaf, roots = root, now = NOW })
    for _, host in ipairs { "portal.internal", "a.portal.internal", "10.0.0.1", "fd00::1" } do
      assert.is_true(x509.verify { certificate = leaf, roots = root, now = NOW, host = host })
    end
    fails("other names", x509.verify { certificate = leaf, roots = root, now = NOW, host = "x.y" })
    fails("expired", x509.verify { certificate = leaf, roots = root, now = NOW + 3 * DAY })
    fails("not yet valid", x509.verify { certificate = leaf, roots = root, now = NOW - DAY })
    local other = x509.authority { key = leaf_key, subject = { CN = "other" }, days = 1, now = NOW }
    fails("issuer", x509.verify { certificate = leaf, roots = other, now = NOW })
    fails("root certificates", x509.verify { certificate = leaf, roots = "", now = NOW })
  end)

  it("honours the authority's path length", function()
    local function chain(length)
      local top = x509.authority { key = root_key, subject = { CN = "top" }, days = 9, now = NOW,
        path_length = length }
      local middle = assert(x509.authority { key = leaf_key, subject = { CN = "middle" }, days = 9,
        now = NOW, authority_certificate = top, authority_key = root_key })
      local last = assert(x509.certificate { key = leaf_key, subject = { CN = "last" }, days = 9,
        now = NOW, authority_certificate = middle, authority_key = leaf_key })
      return top, middle, last
    end
    local top, middle, last = chain(1)
    assert.is_true(x509.verify { certificate = last, intermediates = middle, roots = top, now = NOW })
    assert.is_true(x509.verify { certificate = last .. middle, roots = top, now = NOW })
    fails("issuer", x509.verify { certificate = last, roots = top, now = NOW })
    assert.equal(3, #x509.list(last .. middle .. top))
    top, middle, last = chain(0)
    fails("path length", x509.verify { certificate = last .. middle, roots = top, now = NOW })
  end)

  it("knows which key belongs to a certificate", function()
    assert.is_true(x509.matches(root, root_key))
    assert.is_false(x509.matches(root, leaf_key))
    fails("PEM", x509.matches(root, "x"))
  end)

  it("refuses to sign what cannot hold", function()
    local function leaf_with(changes)
      local options = { key = leaf_key, subject = { CN = "x" }, days = 1, now = NOW,
        authority_certificate = root, authority_key = root_key }
      for k, v in pairs(changes) do options[k] = v end
      return x509.certificate(options)
    end
    fails("does not belong", leaf_with { authority_key = leaf_key })
    fails("no authority", leaf_with { authority_certificate = leaf, authority_key = leaf_key })
    fails("no private key", leaf_with { key = "x" })
    fails("subject", leaf_with { subject = { CN = ("x"):rep(65) } })
    fails("subject", leaf_with { subject = { C = "Britain" } })
    fails("IP address", leaf_with { ip = { "10.0.0.256" } })
    fails("DNS name", leaf_with { dns = { "a b" } })
    fails("DNS name", leaf_with { dns = { "" } })
    fails("DNS name", leaf_with { dns = { "caf\u{e9}.test" } })
    assert.same({ "dns:a,DNS:b" }, x509.parse(leaf_with { dns = { "a,DNS:b" } }).san)
    local function wrong(pattern, changes)
      assert.error_matches(function() leaf_with(changes) end, pattern)
    end
    wrong("unknown option", { dsn = {} })
    wrong("days and hours", { hours = 1 })
    wrong("unknown option 'CM'", { subject = { CM = "x" } })
    wrong("at least one field", { subject = {} })
    wrong("serial", { serial = "xyz" })
    wrong("usages", { usages = { "mail" } })
    wrong("list of strings", { dns = { 1 } })
  end)

  it("survives cut and changed certificates", function()
    fails("PEM", x509.parse "")
    fails("PEM", x509.list "x")
    for i = 1, #leaf, 7 do
      x509.parse(leaf:sub(1, i))
      x509.list(root .. leaf:sub(1, i))
      x509.parse(leaf:sub(1, i - 1) .. "A" .. leaf:sub(i + 1))
    end
    local encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
    fails("PEM", x509.matches(root, encrypted))
  end)
end)
