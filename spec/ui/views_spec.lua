local human = require "cso.ui.human"
local live = require "cso.ui.live"
local summary = require "cso.ui.summary"
local term = require "cso.ui.term"

local function clock()
  local self = { t = 0 }
  function self.now() return self.t end
  return self
end

local function screen(width, height, color)
  local writes = {}
  local c = clock()
  local opts = { write = function(text) writes[#writes + 1] = text end, now = c.now,
    paint = term.paint(color or false), size = function() return width, height end }
  return opts, c, writes
end

local function run(view, n)
  view:event("plan_start", {})
  for i = 1, n do view:event("planned", { address = "r" .. i, action = "create" }) end
  view:event("apply_start", { total = n })
  for i = 1, n do view:event("step_start", { address = "r" .. i, action = "create" }) end
end

describe("cso.ui.human", function()
  it("writes a line for each thing that ends", function()
    local opts, c, writes = screen()
    local view = human.new(opts)
    run(view, 2)
    c.t = 2
    view:event("step_done", { address = "r1", action = "create", id = "vpc-1" })
    view:event("step_failed", { address = "r2", action = "create", err = { message = "no\nmore" } })
    assert.same({ "✓ r1 created in 2.0s  vpc-1\n", "✗ r2 no\n" }, writes)
  end)

  it("gives a sign of life for long steps, ever more rarely", function()
    local opts, c, writes = screen()
    local view = human.new(opts)
    run(view, 1)
    view:event("step_wait", { address = "r1", what = "DBInstanceAvailable" })
    for t = 1, 1000 do
      c.t = t
      view:tick()
    end
    assert.equal("  r1 still creating after 20s: DBInstanceAvailable\n", writes[1])
    assert.is_true(#writes >= 5 and #writes <= 8, #writes)
  end)
end)

describe("cso.ui.live", function()
  it("draws at most ten frames a second, never more than the screen", function()
    local opts, c, writes = screen(80, 12)
    local view = live.new(opts)
    run(view, 1000)
    for i = 1, 1000 do
      c.t = c.t + 0.001
      view:event("step_wait", { address = "r" .. i, what = "x" })
      view:tick()
    end
    assert.is_true(#writes <= 12, #writes .. " writes")
    for _, text in ipairs(writes) do
      local rows = select(2, text:gsub("\n", "\n"))
      assert.is_true(rows <= 12, rows .. " rows")
    end
  end)

  it("sums up a flood of finished things", function()
    local opts, c, writes = screen(100, 30)
    local view = live.new(opts)
    run(view, 500)
    c.t = c.t + 1
    local before = #writes
    for i = 1, 500 do view:event("step_done", { address = "r" .. i, action = "create" }) end
    view:close()
    local text = table.concat(writes, "", before + 1)
    assert.match("more done", text)
    assert.is_true(select(2, text:gsub("created", "")) < 30)
  end)

  it("wraps no line, whatever the width", function()
    for _, width in ipairs { 40, 57, 80, 200 } do
      local opts, c, writes = screen(width, 24, true)
      local view = live.new(opts)
      view:event("planned", { address = "x", action = "create" })
      view:event("apply_start", { total = 1 })
      view:event("step_start", { address = ("long/address/"):rep(12), action = "replace" })
      view:event("step_wait", { address = ("long/address/"):rep(12), what = ("日本"):rep(60) .. "\n\27[2J" })
      c.t = 100
      view:tick()
      for line in writes[#writes]:gsub("^\r\27%[%d+A\27%[J", ""):gmatch("[^\n]+") do
        assert.is_true(term.width(line) < width, ("%d cells in %d: %s"):format(term.width(line), width, line))
        assert.is_nil(line:find("\27[2J", 1, true))
      end
    end
  end)

  it("takes its lines away at the end and goes up exactly as far as it drew", function()
    local opts, c, writes = screen(80, 24)
    local view = live.new(opts)
    run(view, 3)
    c.t = 1
    view:tick()
    local rows = select(2, writes[#writes]:gsub("\27.-J", ""):gsub("\n", ""))
    view:close()
    assert.equal(("\r\27[%dA\27[J"):format(rows), writes[#writes])
  end)

  it("goes up further when the window became narrower", function()
    local width = 100
    local opts, c, writes = screen(100, 24)
    opts.size = function() return width, 24 end
    local view = live.new(opts)
    run(view, 1)
    view:event("step_wait", { address = "r1", what = ("w"):rep(90) })
    c.t = 1
    view:tick()
    width = 50
    view:close()
    local up = tonumber(writes[#writes]:match("\27%[(%d+)A"))
    assert.equal(4, up)
  end)
end)

describe("cso.ui.summary", function()
  local paint = term.paint(false)

  it("names the longest path", function()
    local text = summary.run({ counts = { create = 3 }, seconds = 61, critical = { seconds = 60, path = {
      { address = "vpc", moment = "do", seconds = 1 }, { address = "db", moment = "do", seconds = 2 },
      { address = "db", moment = "ready", seconds = 57 } } } }, { paint = paint })
    assert.equal("Applied: 3 created in 1m 01s.\nLongest path: vpc 1.0s → db 59s\n", text)
  end)

  it("tells once what failed many times", function()
    local failed = {}
    for i = 1, 9 do
      failed[i] = { address = "r" .. i, err = { message = "full " .. i, code = "Limit", operation = "Create" } }
    end
    local text = summary.run({ counts = {}, failed = failed, seconds = 1 }, { paint = paint })
    assert.equal(1, select(2, text:gsub("error r", "")))
    assert.match("the same for r2, r3, r4, r5, r6, r7 and 2 more", text)
  end)

  it("reports causes, not what was skipped because of them", function()
    local text = summary.run({ counts = { create = 1 }, seconds = 1,
      failed = { { address = "db", err = { message = "no room", code = "Full" } } },
      skipped = { { address = "a", because = "db" }, { address = "b", because = "a" } } },
      { paint = paint })
    assert.match("error db: no room %[Full%]", text)
    assert.match("2 not tried because what they need failed: db\n", text)
    assert.match("Failed: 1 created, 1 failed, 2 not tried", text)
    assert.match("the same command goes on from there", text)
  end)
end)
