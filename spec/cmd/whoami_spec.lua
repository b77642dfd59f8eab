local whoami = require "cso.cmd.whoami"

describe("csorun whoami", function()
  it("says where the keys came from and why no other source was used", function()
    local text = {}
    local keys = { source = "profile work", expires = 1700000000,
      tried = { { source = "environment", why = "a profile was asked for by name" } } }
    local session = {
      identity = function() return { Account = "123456789012", Arn = "arn:x", UserId = "u" } end,
      region = function() return "eu-west-2" end,
      credentials = function() return { get = function() return keys end } end,
    }
    assert.equal(0, whoami.run({}, {}, { opts = {}, session = session,
      out = function(s) text[#text + 1] = s end }))
    text = table.concat(text)
    assert.matches('credentials: "profile work"', text)
    assert.matches("2023%-11%-14T22:13:20Z", text)
    assert.matches("environment: a profile was asked for by name", text)
  end)

  it("needs no region", function()
    local asked
    local session = {
      identity = function(_, target) asked = target return nil, { code = "NoCredentials" } end,
      region = function() return nil, { code = "NoRegion" } end,
    }
    local _, e = whoami.run({}, {}, { opts = {}, session = session })
    assert.same({ "us-east-1", "NoCredentials" }, { asked.region, e.code })
  end)
end)
