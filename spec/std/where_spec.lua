local where = require "cso.std.where"

-- A function of a user's file, whose third line calls `asked`.
local function of_user(name, asked, code)
  local source = "@" .. name
  where.mark(source)
  return assert(load(code or "local asked = ...\n\nlocal file, line = asked()\nreturn file, line", source))(asked)
end

describe("the place of what runs", function()
  it("is the nearest line of a user's file", function()
    local file, line = of_user("near.lua", function()
      local file, line = where.at(1)
      return file, line
    end)
    assert.same({ "near.lua", 3 }, { file, line })
  end)

  it("is looked for from a level on: of the caller, or of who called that", function()
    local inner
    local code = "local asked = ...\nreturn { asked() }"
    local function ask(level) inner = { where.at(level) } end
    local function of(level)
      return of_user("outer.lua", function()
        local list = of_user("inner.lua", function() ask(level) end, code)
        return list
      end)
    end
    of(1)
    assert.same({ "inner.lua", 2 }, inner)
    of(4) -- ask, what called it, inner.lua itself: what is behind them
    assert.same({ "outer.lua", 3 }, inner)
  end)

  it("is nowhere outside of a user's file, and beyond the stack", function()
    assert.is_nil(where.at(1))
    assert.is_nil(where.at(100000))
    assert.is_nil(where.here())
    assert.has_error(function() where.at(-1) end)
  end)

  it("asks for the file of a function once", function()
    local asked, known = {}, {}
    local at = require("host.place").finder(known, function(fn)
      asked[#asked + 1], known[fn] = fn, "here"
      return "here"
    end)
    local function run()
      local file, line = at(1)
      return file, line
    end
    local first, again = { run() }, { run() }
    assert.same({ "here", first[2] }, first)
    assert.same(first, again)
    assert.same({ run }, asked)
  end)
end)
