local value = require("cso.std.value")
local where = require("cso.std.where")

local function lookup(address, path) return address .. "." .. path end

--- Runs text as a user's file would run.
local function user(text, ...)
  where.mark("@user.lua")
  return pcall(assert(load(text, "@user.lua")), ...)
end

describe("refs", function()
  local vpc = value.ref("EC2.VPC.main", "")
  local id = value.ref("EC2.VPC.main", "VpcId")

  it("extend their path when indexed", function()
    local deep = value.ref("RDS.DBInstance.db", "Endpoint").Address
    assert.are.equal("RDS.DBInstance.db.Endpoint.Address", value.resolve(deep, lookup))
    assert.are.equal("EC2.VPC.main.Cidrs.1", value.resolve(vpc.Cidrs[1], lookup))
  end)

  it("concatenate, map and combine anywhere in a tree", function()
    local tree = {
      arn = "arn:" .. id .. "/" .. 3,
      list = { id, id:map(function(v) return #v end) },
      count = value.all { id, { vpc.Arn } }:map(function(list) return #list end),
      text = value.format("%s-%02d", id, 7),
      cut = id:sub(1, 3),
    }
    assert.are.same({ "EC2.VPC.main" }, value.dependencies(tree))
    assert.are.same({
      arn = "arn:EC2.VPC.main.VpcId/3",
      list = { "EC2.VPC.main.VpcId", 18 },
      count = 2,
      text = "EC2.VPC.main.VpcId-07",
      cut = "EC2",
    }, value.resolve(tree, lookup))
  end)

  it("give unknowns when what they need is unknown", function()
    local function later(address, path) return value.unknown { from = address, path = path } end
    local out = value.resolve({ a = "x" .. id, b = 1 }, later)
    assert.is_true(value.is_unknown(out.a))
    assert.are.equal("EC2.VPC.main", out.a.from)
    assert.is_true(value.has_unknown(out))
    assert.are.equal(1, out.b)
  end)

  it("refuse to be compared, looped over, measured or printed, with the user's line", function()
    for _, text in ipairs {
      "local r = ... \n return r < 'a'", "local r = ... \n return #r",
      "local r = ... \n for _ in ipairs(r) do end", "local r = ... \n for _ in pairs(r) do end",
      "local r = ... \n return tostring(r)", "local r = ... \n return ('%s'):format(r)",
      "local r = ... \n return r + 1", "local r = ... \n r.x = 1", "local r = ... \n local v = r:value()",
    } do
      local ok, e = user(text, id)
      assert.is_false(ok, text)
      assert.are.equal("user.lua:2", e.where, text)
      assert.are.equal("usage", e.class)
      assert.truthy(e.message:find("${EC2.VPC.main.VpcId}", 1, true), e.message)
    end
  end)

  it("refuse a whole resource in a text", function()
    local ok, e = user("local r = ...\nreturn 'a' .. r", vpc)
    assert.is_false(ok)
    assert.truthy(e.message:find("EC2.VPC.main", 1, true))
  end)

  it("name the user's line when a mapped function fails", function()
    local _, bad = user("local r = ...\nreturn r:map(function(v)\n return v.a.b end)", id)
    local ok, e = pcall(value.resolve, bad, lookup)
    assert.is_false(ok)
    assert.truthy(e.where:find("^user.lua:"))
  end)

  it("have their value inside a step", function()
    local before = value.install(lookup)
    assert.are.equal("EC2.VPC.main.VpcId", id:value())
    value.install(before)
    assert.has_error(function() return id:value() end)
  end)
end)

describe("secrets", function()
  it("stay secret through concat, map, format and refs", function()
    local s = value.secret("hunter2")
    local tree = value.resolve({
      s .. "!", s:map(string.upper), value.format("%s", s),
      value.secret(value.ref("a.b.c", "d")) .. "x",
    }, lookup)
    for i = 1, 4 do
      assert.is_true(value.is_secret(tree[i]))
      assert.are.equal("(sensitive)", tostring(tree[i]))
    end
    assert.are.same({ "hunter2!", "HUNTER2", "hunter2", "a.b.c.dx" }, value.reveal(tree))
  end)

  it("are not found by walking the table", function()
    for k, v in next, value.secret("hunter2") do
      assert.are_not.equal("hunter2", v)
      assert.are_not.equal("string", type(k))
    end
  end)

  it("are seen before they are known", function()
    assert.is_true(value.is_sensitive { "a" .. value.secret(value.ref("a", "b")) })
    assert.is_false(value.is_sensitive { value.ref("a", "b") })
  end)
end)
