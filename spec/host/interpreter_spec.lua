--- The binary as an interpreter, and how modules are found.
local function capture(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local out = pipe:read("a")
  local _, _, code = pipe:close()
  return out, code
end

local lua = arg[-1] or "build/csorun-lua"
for i = -1, -20, -1 do
  if not arg[i] then break end
  lua = arg[i]
end

describe("csorun-lua", function()
  it("runs -e chunks in order, then the script with its arguments", function()
    local name = os.tmpname()
    local file = assert(io.open(name, "w"))
    file:write("print(x, arg[1], arg[0] ~= nil, ...)")
    file:close()
    local out, code = capture(lua .. " -e 'x=1' -e 'x=x+1' " .. name .. " one two")
    os.remove(name)
    assert.equal("2\tone\ttrue\tone\ttwo\n", out)
    assert.equal(0, code)
  end)

  it("answers 1 and says why when the chunk fails", function()
    local out, code = capture(lua .. " -e 'error(\"no luck\")'")
    assert.matches("no luck", out, 1, true)
    assert.equal(1, code)
  end)

  it("keeps what it holds while blocks of all sizes come and go", function()
    local out, code = capture(lua .. [[ -e 'math.randomseed(7)
      local held = {}
      for _ = 1, 100000 do
        local k = math.random(1000)
        local list, text = {}, string.char(k % 256):rep(math.random(0, 700))
        for i = 1, math.random(0, 60) do list[i] = k end
        held[k] = { text, list }
        if k == 1 then held = {} end
      end
      for k, pair in pairs(held) do
        assert(pair[1] == string.char(k % 256):rep(#pair[1]))
        for _, v in ipairs(pair[2]) do assert(v == k) end
      end
      print(next(held) ~= nil)']])
    assert.equal("true\n", out)
    assert.equal(0, code)
  end)

  it("lets what ends with the state still use memory, in any size", function()
    local out, code = capture(lua .. [[ -e 'local kept = { 1, 2, 3 }
      LAST = setmetatable({}, { __gc = function()
        for i = 1, 1000 do kept[i] = tostring(i):rep(i % 60) end
        print(#kept)
      end })']])
    assert.equal("1000\n", out)
    assert.equal(0, code)
  end)

  it("refuses options that it does not know", function()
    local out, code = capture(lua .. " -x")
    assert.matches("unrecognized option '-x'", out, 1, true)
    assert.equal(1, code)
  end)

  it("has lfs and lpeg inside", function()
    local out = capture("env -i " .. lua .. " -e 'print(require(\"lfs\").dir, require(\"lpeg\").P)'")
    assert.matches("function", out)
  end)
end)

describe("embedded modules", function()
  it("keep the names of their files in messages", function()
    local out = capture("env -u CSORUN_LUA " .. lua ..
      " -e 'print(debug.getinfo(require(\"cso.std.err\").new, \"S\").source)'")
    assert.equal("@lua/cso/std/err.lua\n", out)
  end)

  it("are overlaid by CSORUN_LUA, under the same names", function()
    local dir = os.tmpname()
    os.remove(dir)
    assert(os.execute("mkdir -p " .. dir .. "/over"))
    local file = assert(io.open(dir .. "/over/init.lua", "w"))
    file:write("return function() error('here') end")
    file:close()
    local out = capture("CSORUN_LUA=" .. dir .. " " .. lua .. " -e 'require(\"over\")()'")
    os.execute("rm -r " .. dir)
    assert.matches("lua/over/init.lua:1: here", out, 1, true)
  end)

  it("are listed", function()
    local names = require("host.embed").list("lua/cso/std/")
    assert.is_true(names["lua/cso/std/err.lua"])
    for name in pairs(names) do assert.equal("lua/cso/std/", name:sub(1, 12)) end
  end)
end)
