local shell = require "spec.cmd.shell_line"

describe("csorun", function()
  it("loads next to nothing for --version and --help", function()
    for _, words in ipairs { '"--version"', '"--help"', '"completion", "bash"', '"plan", "--help"' } do
      local text = shell(([[$B/csorun-lua -e 'require("cso.main")(%s)
        for k in pairs(package.loaded) do if k:match("^cso%%.") or k:match("^host") then print("\n@" .. k) end end']])
        :format(words))
      for name in text:gmatch("\n@([%w_.]+)\n") do
        for _, room in ipairs { "aws", "http", "task", "kind", "plan", "apply", "state", "playbook", "graph" } do
          assert.is_nil(name:match("^cso%." .. room) or name:match("^host%." .. room), words .. " loads " .. name)
        end
        assert.is_nil(name:match("^host%.loop"), words .. " loads " .. name)
      end
    end
  end)

  it("has an exit code for wrong use and says what to do", function()
    local text, status = shell "$B/csorun plna"
    assert.equal(3, status)
    assert.match("did you mean plan%?", text)
    text, status = shell "$B/csorun plan"
    assert.equal(3, status)
    assert.match("plan needs PLAYBOOK", text)
    text, status = shell "$B/csorun plan --targt x"
    assert.equal(3, status)
    assert.match("did you mean %-%-target%?", text)
  end)

  it("tells wrong use as JSON when asked for JSON", function()
    local text, status = shell "cd / && $B/csorun state list --json --stack nothing-of-that-name"
    assert.equal(3, status)
    assert.match('^{.*"type":"diagnostic"', text)
  end)

  it("prints its version", function()
    local text, status = shell "$B/csorun --version; $B/csorun version"
    assert.equal(0, status)
    assert.match("^csorun %d+%.%d+%.%d+\ncsorun ", text)
  end)

  it("says which operation was meant", function()
    local text, status = shell "$B/csorun exec ec2.DescribeVpc"
    assert.equal(3, status)
    assert.match("did you mean ec2%.DescribeVpcs%?", text)
    text, status = shell "$B/csorun exec ec3.DescribeVpcs"
    assert.equal(3, status)
    assert.match("did you mean ec2", text)
  end)
end)
