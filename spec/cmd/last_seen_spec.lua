-- A whole older state in the place of the newer one is told.
local place = require "spec.cmd.folder"()

local BOOK = [[
local cso = require "cso"
cso.stack { name = "s" }
for i = 1, %d do cso.random.password("p" .. i) {} end
]]

describe("an older state in the place of a newer one", function()
  before_each(place.open)
  after_each(place.close)

  local function good(words)
    local status, text = place.csorun(words)
    assert.equal(0, status, text)
    return text
  end

  it("is warned of until somebody has gone on from it", function()
    for i = 1, 2 do
      place.write("s.lua", BOOK:format(i))
      assert.not_match("is older than", good "apply s.lua -y")
      if i == 1 then os.execute(("cp '%s/.cso/s.db' '%s/old.db'"):format(place.dir, place.dir)) end
    end
    assert.not_match("is older than", good "plan s.lua")
    os.execute(("cp '%s/old.db' '%s/.cso/s.db'"):format(place.dir, place.dir))
    for _ = 1, 2 do
      local text = good "state list"
      assert.match("%.cso/s%.db is older than it was: it has serial 1, and had 2 on 20%d%d", text)
      assert.match("state rebuild", text, 1, true)
    end
    assert.match("is older than", good "apply s.lua -y")
    assert.not_match("is older than", good "apply s.lua -y")
  end)

  it("makes no error of a note that is not there", function()
    local err, last_seen = require "cso.std.err", require "cso.cmd.last_seen"
    local wrap, made = err.wrap, 0
    err.wrap = function(...)
      made = made + 1
      return wrap(...)
    end
    last_seen.check({}, { lineage = "l", serial = 0 }, "s.db", place.dir .. "/s.db.seen")
    err.wrap = wrap
    assert.equal(0, made)
  end)

  it("is none that another lineage, a damaged note or no note speaks of", function()
    place.write("s.lua", BOOK:format(1))
    good "apply s.lua -y"
    for _, note in ipairs { '{"lineage":"other","serial":9,"at":1}', "{", '{"serial":"9"}', "[]", "" } do
      place.write(".cso/s.db.seen", note)
      assert.not_match("older", good "plan s.lua")
    end
  end)
end)
