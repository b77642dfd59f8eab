local handle = require "cso.kind.handle"

-- Waits for something that takes `takes` seconds: how much later it was found, and how many looks it took.
local function wait(takes, expect, usual)
  local now, looks, told = 0, 0, {}
  local r = handle.new { address = "a", kind = { spec = {} }, timeout = 1e6, now = function() return now end,
    sleep = function(seconds) now = now + seconds end, emit = function() end,
    usual = function() return usual end, learn = function(what, seconds) told[what] = seconds end }
  r:poll("waiting for it", function()
    looks = looks + 1
    return now >= takes
  end, expect)
  assert.equal(now, told["waiting for it|" .. expect])
  return now - takes, looks
end

describe("a wait", function()
  it("looks at once", function()
    local late, looks = wait(0, 720)
    assert.same({ 0, 1 }, { late, looks })
  end)

  it("ends close to the end that was expected, with few looks", function()
    for _, takes in ipairs { 1, 4, 30, 90, 240, 720, 3000 } do
      for _, usual in ipairs { false, takes } do
        local late, looks = wait(takes, takes, usual or nil)
        assert.is_true(late <= math.max(0.5, takes / 50), takes .. " s: found late by " .. late)
        assert.is_true(looks <= 15 + takes / 25, takes .. " s: looks " .. looks)
      end
    end
  end)

  it("finds what is done earlier than a guess says, and what takes longer, within half of it", function()
    for _, expect in ipairs { 1, 10, 100, 1000 } do
      for _, takes in ipairs { expect / 10, expect / 3, expect * 1.1, expect * 3 } do
        local late = wait(takes, expect)
        assert.is_true(late <= math.min(30, math.max(takes / 2, expect / 50, 0.5)), takes .. " s: found late by " .. late)
      end
    end
  end)

  it("goes by what earlier runs took instead of a guess", function()
    local _, guessing = wait(600, 20)
    local late, looks = wait(600, 20, 600)
    assert.is_true(late <= 600 / 50, "found late by " .. late)
    assert.is_true(looks < guessing, looks .. " looks, by a guess " .. guessing)
  end)
end)
