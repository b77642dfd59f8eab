local account = require "cso.cmd.account"

describe("waits", function()
  it("are short where a simulated account takes no time, and go by its clock where it does", function()
    assert.equal(1, account.hurry {})
    assert.equal(1, account.hurry { endpoint_url = "http://127.0.0.1:1" })
    assert.is_true(account.hurry { sim = true } >= 50)
    assert.is_true(account.hurry { sim_fresh = true, sim_latency = "none" } >= 50)
    assert.equal(1, account.hurry { sim = true, sim_latency = "realistic" })
    assert.equal(40, account.hurry { sim_speed = 40 })
  end)
end)
