local version = require "cso.std.version"

describe("cso.std.version", function()
  it("compares numbers, not texts", function()
    assert.is_true(version.older("8.0.9", "8.0.42"))
    assert.is_false(version.older("8.0.42", "8.0.9"))
    assert.is_false(version.older("8.0.42", "8.0.42"))
    assert.is_true(version.older("8.0", "8.0.1"))
    assert.is_true(version.older("8.0.mysql_aurora.3.05.2", "8.0.mysql_aurora.3.06.0"))
    assert.is_true(version.older("13.9", "14.1"))
  end)

  it("knows what stays when the last number grows", function()
    assert.equal(version.line "8.0.42", version.line "8.0.9")
    assert.equal(version.line "15.4", version.line "15.12")
    assert.not_equal(version.line "15.4", version.line "16.4")
    assert.not_equal(version.line "8.0.42", version.line "8.4.42")
  end)
end)
