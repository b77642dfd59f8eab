-- The last snapshot of a database outlives it, and so must its name: one that is taken is not taken again.
local kinds = require "cso.kind"

describe("the last snapshot of a database", function()
  local delete = assert(kinds.of("AWS::RDS::DBInstance", {})).spec.delete

  -- Deletes where so many names are taken already; gives the names that were tried.
  local function names(taken, retain)
    local tried = {}
    local r = { id = "db", record = { retain = retain }, desired = {} }
    function r.try(_, operation, params)
      assert.equal("DeleteDBInstance", operation)
      assert.equal(params.FinalDBSnapshotIdentifier == nil, params.SkipFinalSnapshot)
      tried[#tried + 1] = params.FinalDBSnapshotIdentifier or "none"
      if #tried <= taken then return nil, { code = "DBSnapshotAlreadyExists", message = "it is there" } end
      return {}
    end
    function r.poll(_, _, fn)
      for _ = 1, 100 do
        if fn() then return end
      end
      error "polled for ever"
    end
    local ok, e = pcall(delete, r)
    return tried, not ok and e or nil
  end

  it("is named by the time, and by a number where that is taken", function()
    local tried, e = names(2, "snapshot")
    assert.is_nil(e)
    assert.equal(3, #tried)
    assert.match("^db%-final%-2%d%d%d%d%d%d%d%-%d%d%d%d%d%d$", tried[1])
    assert.equal(tried[1] .. "-2", tried[2])
    assert.equal(tried[1] .. "-3", tried[3])
  end)

  it("gives up some time, and is not made unasked", function()
    local _, e = names(1000, "snapshot")
    assert.equal("DBSnapshotAlreadyExists", e.code)
    assert.same({ "none" }, (names(0, nil)))
  end)
end)
