local duration = require("cso.std.duration")

describe("duration", function()
  it("reads what people write", function()
    for text, seconds in pairs {
      ["40m"] = 2400, ["1h30m"] = 5400, ["500ms"] = 0.5, ["90"] = 90, ["1.5h"] = 5400, ["2d"] = 172800,
    } do
      assert.are.equal(seconds, duration.parse(text))
    end
    assert.are.equal(7, duration.parse(7))
    for _, bad in ipairs { "", "m", "40x", "1h 3m", "-1s", -1, true, "30 40" } do
      assert.is_nil(duration.parse(bad))
    end
  end)

  it("shows seconds shortly", function()
    assert.are.equal("1h30m", duration.format(5400))
    assert.are.equal("4.2s", duration.format(4.2))
    assert.are.equal("0s", duration.format(0))
    assert.are.equal("1m1s", duration.format(61))
  end)
end)
