local plan_text = require "cso.ui.plan"
local term = require "cso.ui.term"
local value = require "cso.std.value"

local paint = term.paint(false)

local function render(plan, opts)
  plan.counts = plan.counts or {}
  for _, action in ipairs(plan.actions) do
    plan.counts[action.action] = (plan.counts[action.action] or 0) + 1
  end
  opts = opts or {}
  opts.paint = paint
  return plan_text.plan(plan, opts)
end

local function has(text, wanted)
  assert.truthy(text:find(wanted, 1, true), ("%q not in:\n%s"):format(wanted, text))
end

describe("cso.ui.plan", function()
  it("shows what is created, with what is unknown and what is secret", function()
    local text = render { actions = { { address = "net/EC2.Subnet.a", action = "create", changes = {
      { path = "CidrBlock", after = "10.0.0.0/24" },
      { path = "VpcId", after = value.unknown { from = "net/EC2.VPC.main", path = "VpcId" }, unknown = true },
      { path = "Tags", after = { Name = "a", Tier = "web" } },
      { path = "Secret", after = value.secret "hunter2", sensitive = true },
    } } } }
    has(text, "  + net/EC2.Subnet.a  create")
    has(text, 'CidrBlock: "10.0.0.0/24"')
    has(text, "VpcId: (known after apply: net/EC2.VPC.main.VpcId)")
    has(text, 'Tags: { Name = "a", Tier = "web" }')
    has(text, "Secret: (sensitive)")
    has(text, "Plan: 1 to create.")
    assert.is_nil(text:find("hunter2", 1, true))
  end)

  it("shows before and after, and why something is replaced", function()
    local text = render { actions = { { address = "EC2.Instance.web", action = "replace",
      replace_order = "create_first", reasons = { "ImageId can't be changed in place" },
      changes = { { path = "ImageId", before = "ami-1", after = "ami-2", replaces = true },
        { path = "Old", before = 5 } } } } }
    has(text, "+/- EC2.Instance.web  replace (create the new one first)")
    has(text, "because ImageId can't be changed in place")
    has(text, 'ImageId: "ami-1" → "ami-2"  # forces replacement')
    has(text, "- Old: 5 → (default)")
    has(text, "1 to replace")
  end)

  it("never shows either side of a sensitive change", function()
    local text = render { actions = { { address = "a", action = "update", changes = {
      { path = "P", before = "hunter1", after = "hunter2", sensitive = true },
      { path = "Q", before = "x", after = value.secret "hunter3" } } } } }
    assert.is_nil(text:find("hunter", 1, true))
    has(text, "P: (sensitive) → (sensitive, changed)")
  end)

  it("compares policies and scripts line by line", function()
    local policy = '{"Version":"2012-10-17","Statement":[{"Effect":"%s",'
      .. '"Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}]}'
    local text = render { actions = { { address = "a", action = "update", changes = {
      { path = "PolicyDocument", before = policy:format("Allow"), after = policy:format("Deny") },
      { path = "UserData", before = "#!/bin/sh\necho 1\necho 2\n", after = "#!/bin/sh\necho 1\necho 3\n" },
    } } } }
    has(text, '-    Effect: "Allow"')
    has(text, '+    Effect: "Deny"')
    has(text, "-echo 2")
    has(text, "+echo 3")
    has(text, "@@ ")
  end)

  it("looks into base64 for scripts", function()
    local hash = require "cso.std.hash"
    local text = render { actions = { { address = "a", action = "update", changes = { { path = "UserData",
      before = hash.base64_encode "#!/bin/sh\necho 1\n", after = hash.base64_encode "#!/bin/sh\necho 2\n" } } } } }
    has(text, "-echo 1")
    has(text, "+echo 2")
  end)

  it("says so when there is nothing to do", function()
    local text, empty = render({ actions = { { address = "a", action = "noop" } } }, { stack = "demo" })
    has(text, "No changes.")
    assert.is_true(empty)
    local _, changed = render { actions = { { address = "a", action = "delete" } } }
    assert.is_false(changed)
  end)

  it("leaves out the properties of many creations, and puts what hurts last", function()
    local function make(detail)
      local actions = { { address = "a/gone", action = "delete" } }
      for i = 1, 60 do
        actions[#actions + 1] = { address = ("m%d/r%02d"):format(i % 2, i), action = "create",
          changes = { { path = "P", after = i } } }
      end
      return (render({ actions = actions }, { detail = detail }))
    end
    local text = make()
    assert.is_nil(text:find("P: 1", 1, true))
    has(text, "(60 creations without their properties; --full shows them)")
    has(text, "by module: a 1, m0 30, m1 30")
    assert.is_true(text:find("a/gone", 1, true) > text:find("m1/r59", 1, true))
    has(make "full", "P: 1")
    assert.is_nil(make("short"):find("P: 1", 1, true))
  end)

  it("shows failed checks with their place and hint", function()
    local text = render { actions = {}, checks_failed = { { text = "prod is highly available",
      hint = "set db.multi_az", where = { file = "p.lua", line = 7 } } } }
    has(text, "check failed: prod is highly available")
    has(text, "at p.lua:7")
    has(text, "hint: set db.multi_az")
  end)

  it("lets no value steer the terminal", function()
    local text = render { actions = { { address = "a", action = "update", changes = {
      { path = "P", before = "a\27[2J\nb", after = "c\27]0;x\7\nd" },
      { path = "Q", before = "\27", after = "y" },
      { path = "R", after = "x\27\ny" } } } } }
    assert.is_nil(text:find("\27", 1, true))
    assert.is_nil(text:find("\7", 1, true))
  end)

  it("lists outputs by name", function()
    local text = plan_text.outputs({ url = "http://x", count = 3, hidden = value.secret "hunter2" }, paint)
    assert.equal('Outputs:\n  count  = 3\n  hidden = (sensitive)\n  url    = "http://x"\n', text)
  end)
end)
