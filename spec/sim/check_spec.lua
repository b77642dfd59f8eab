local filter = require "sim.help.filter"
local ipv4 = require "sim.help.ipv4"
local pattern = require "sim.pattern"
local text = require "sim.protocol.text"

describe("patterns of the models", function()
  local function matches(regex, s) return assert(pattern.compile(regex))(s) end

  it("match whole strings", function()
    assert.is_true(matches("[\\w+=,.@-]+", "a.b@c"))
    assert.is_false(matches("[\\w+=,.@-]+", "a b"))
    assert.is_true(matches("arn:aws(-[a-z]+)*:iam::\\d{12}:role/.+", "arn:aws-us-gov:iam::123456789012:role/x"))
    assert.is_false(matches("arn:aws(-[a-z]+)*:iam::\\d{12}:role/.+", "arn:aws:iam::12345:role/x"))
    assert.is_true(matches("(a|b)*c?", "abbac"))
    assert.is_true(matches("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", "Grüße 12"))
    assert.is_true(matches("^(?:x{2,3})$", "xxx"))
    assert.is_false(matches("^(?:x{2,3})$", "xxxx"))
    assert.is_true(matches("^vpc-", "vpc-1")) -- open at the end: a prefix
  end)

  it("leave alone what they cannot read, and never hang", function()
    assert.is_nil(pattern.compile("(?=a)b"))
    assert.is_nil(pattern.compile("(a)\\1"))
    assert.is_true(matches("(a*)*b", ("a"):rep(60))) -- given up, so not refused
  end)
end)

describe("times", function()
  it("are read in every form that clients send", function()
    for _, s in ipairs { "2026-01-01T00:00:00Z", "20260101T000000Z", "2026-01-01T01:00:00+01:00", "1767225600",
      "Thu, 01 Jan 2026 00:00:00 GMT", 1767225600, "2026-01-01" } do
      assert.equal(1767225600, text.time(s))
    end
    assert.is_nil(text.time("yesterday"))
  end)
  it("are written in the model's forms", function()
    assert.equal("2026-01-01T00:00:00.250Z", text.stamp(1767225600.25, "iso8601"))
    assert.equal("Thu, 01 Jan 2026 00:00:00 GMT", text.stamp(1767225600, "rfc822"))
    assert.equal(1767225600, text.stamp(1767225600.0, "unixTimestamp"))
  end)
end)

describe("filters", function()
  local ctx = { fail = function(_, code) error(code, 0) end }
  local rows = { { Id = "a", State = "on", Tags = { { Key = "Name", Value = "web-1" } }, List = { { V = 1 }, { V = 2 } } },
    { Id = "b", State = "off", Tags = {}, List = {} } }
  local known = { state = "State", ["list.v"] = "List.V", computed = function(row) return row.Id .. "!" end }

  local function ids(name, ...)
    local out = {}
    for _, row in ipairs(filter.apply(ctx, rows, { { Name = name, Values = { ... } } }, known)) do out[#out + 1] = row.Id end
    return out
  end

  it("compare, with wildcards, through lists and tags", function()
    assert.same({ "a" }, ids("state", "on"))
    assert.same({ "a", "b" }, ids("state", "o*"))
    assert.same({ "a" }, ids("list.v", "2"))
    assert.same({ "a" }, ids("tag:Name", "web-?"))
    assert.same({ "a" }, ids("tag-key", "Name"))
    assert.same({ "b" }, ids("computed", "b!"))
    assert.has_error(function() ids("nothing", "x") end, "InvalidParameterValue")
  end)
end)

describe("IPv4 blocks", function()
  it("are canonical, and know each other", function()
    local a, b = ipv4.cidr("10.0.1.5/24"), ipv4.cidr("10.0.0.0/16")
    assert.same({ "10.0.1.0/24", false, 256 }, { a.text, a.exact, a.size })
    assert.is_true(ipv4.within(a, b))
    assert.is_false(ipv4.within(b, a))
    assert.is_true(ipv4.overlap(a, b))
    for _, bad in ipairs { "10.0.0/8", "10.0.0.256/8", "10.0.0.0/33", "10.0.0.0", "::/0" } do
      assert.is_nil(ipv4.cidr(bad))
    end
  end)
end)
