-- Whether a plan is the one that was shown: unknown values may turn out to be anything, nothing else may.
local seen = require "cso.cmd.workspace.seen"

local LATER = "(known after apply)"

local function action(address, what, changes)
  local list = {}
  for i, c in ipairs(changes or {}) do list[i] = { path = c[1], after = c[2], unknown = c[3] } end
  return { address = address, action = what, changes = list }
end

describe("a plan that was shown", function()
  it("is the same when only what was unknown is known", function()
    for _, pair in ipairs {
      { {}, {} },
      { { action("a", "create", { { "VpcId", LATER, true } }) }, { action("a", "create", { { "VpcId", "vpc-1" } }) } },
      { { action("a", "create", { { "Tags", { A = "x", B = LATER } } }) },
        { action("a", "create", { { "Tags", { A = "x", B = "y" } } }) } },
      { { action("a", "update", { { "Tags", LATER, true } }) }, { action("a", "update", { { "Tags.B", "y" } }) } },
      { { action("a", "update", { { "Tags", LATER, true } }) }, {} },
    } do
      assert.is_nil(seen.difference(pair[1], pair[2]))
    end
  end)

  it("is another when anything else is", function()
    local before = { action("a", "update", { { "Size", 1 }, { "Name", LATER, true } }) }
    for _, now in ipairs {
      { },
      { action("a", "replace", { { "Size", 1 } }) },
      { action("a", "update", { { "Size", 2 } }) },
      { action("a", "update", { { "Size", 1 }, { "Other", 1 } }) },
      { action("a", "update", { { "Name", "x" } }) },
      { action("a", "update", { { "Size", 1 } }), action("b", "delete") },
      { action("a", "update", { { "Size", 1 } }), action("b", "create") },
    } do
      assert.is_string(seen.difference(before, now))
    end
    assert.is_string(seen.difference({ action("a", "update", { { "P", { A = 1, B = LATER } } }) },
      { action("a", "update", { { "P", { A = 2, B = 1 } } }) }))
  end)
end)
