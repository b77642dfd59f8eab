-- Sealed bytes, and a shared state of which the bucket holds nothing else.
local bucket = require "spec.state.bucket"
local hash = require "cso.std.hash"
local lfs = require "lfs"
local objects = require "cso.state.remote.objects"
local remote = require "cso.state.remote"
local sealed = require "cso.state.sealed"
local run = require "spec.support.in_task"

local function keys(word)
  local key = hash.sha256(word)
  return { fresh = function() return { way = "spec" }, key end, find = function() return key end }
end

describe("sealed bytes", function()
  local a = sealed.new(keys "a")

  it("come back, and look different each time", function()
    for _, text in ipairs { "", "x", ("long"):rep(10000) } do
      local covered = assert(a:out(text, "it"))
      assert.is_true(sealed.is_one(covered))
      assert.equal(text, a:back(covered, "it"))
      assert.not_equal(covered, a:out(text, "it"))
    end
  end)

  it("are refused after any byte was flipped, and cut off anywhere", function()
    local covered = assert(a:out("a secret word", "it"))
    for i = 1, #covered do
      for _, mask in ipairs { 1, 128 } do
        local changed = covered:sub(1, i - 1) .. string.char(covered:byte(i) ~ mask) .. covered:sub(i + 1)
        local text, e = a:back(changed, "it")
        assert.is_nil(text, "byte " .. i)
        assert.equal("config", e.class)
      end
      assert.is_nil((a:back(covered:sub(1, i - 1), "it")), "cut at " .. i)
    end
  end)

  it("pass for nothing else", function()
    local _, e = a:back(a:out("x", "one"), "another")
    assert.equal("altered_seal", e.code)
  end)

  it("say which key is missing, wrong or not wanted", function()
    local covered = a:out("x", "it")
    assert.equal("sealed", select(2, sealed.new():back(covered, "it")).code)
    assert.equal("wrong_key", select(2, sealed.new(keys "b"):back(covered, "it")).code)
    assert.equal("not_sealed", select(2, a:back("x", "it")).code)
    assert.equal("x", sealed.new(keys "b", keys "a"):back(covered, "it"))
    local refuses = { fresh = function() end, find = function() return nil, { code = "AccessDeniedException" } end }
    assert.equal("x", sealed.new(refuses, keys "a"):back(covered, "it"))
    assert.equal("AccessDeniedException", select(2, sealed.new(refuses, keys "b"):back(covered, "it")).code)
    assert.equal("x", sealed.new(keys "b", nil, true):back("x", "it"))
  end)
end)

describe("a sealed shared state", function()
  local dir, client, time

  local function clock() return time end

  local function store(sealer) return objects.new(client, { bucket = "b", key = "team.db" }, clock, sealer) end

  local function take(sealer, machine)
    return remote.take { store = store(sealer), work = ("%s/%s/team.db"):format(dir, machine), create = true, now = clock,
      wall = clock, steady = clock, who = machine, host = machine, pid = 1, command = "apply", note = function() end }
  end

  local function look(sealer) return remote.read { store = store(sealer), now = clock } end

  local function put(s, address)
    s:put { address = address, type = "AWS::EC2::VPC", id = "vpc-findme", declared = {}, attributes = {}, target = {},
      depends = {}, status = "ready" }
    s:advance()
  end

  before_each(function()
    dir, time = os.tmpname(), 1000000
    os.remove(dir)
    assert(lfs.mkdir(dir))
    client = bucket.new(clock)
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(dir)) end)

  it("is in the bucket in no readable form, neither snapshot nor journal", function()
    run(function()
      local s = assert(take(sealed.new(keys "a"), "one"))
      put(s, "EC2.VPC.x")
      s:durable()
      local segments = 0
      local function hidden()
        for key, object in pairs(client.objects) do
          if key:find(".journal/", 1, true) then segments = segments + 1 end
          assert.is_nil(object.Body:find("findme", 1, true), key)
        end
      end
      hidden()
      assert.is_true(segments > 0)
      local seen = assert(look(sealed.new(keys "a"))) -- from the journal
      assert.equal("vpc-findme", seen:get("EC2.VPC.x").id)
      seen:close()
      assert(s:finish())
      s:close()
      hidden()
      assert.is_true(sealed.is_one(client.objects["team.db"].Body))
    end)
  end)

  it("is never an empty one: without key, with another, altered", function()
    run(function()
      local s = assert(take(sealed.new(keys "a"), "one"))
      put(s, "EC2.VPC.x")
      assert(s:finish())
      s:close()
      for code, sealer in pairs { sealed = sealed.new(), wrong_key = sealed.new(keys "b") } do
        local got, e = look(sealer)
        assert.is_nil(got)
        assert.equal(code, e.code)
        got, e = take(sealer, code)
        assert.is_nil(got)
        assert.equal(code, e.code)
      end
      -- Whoever may write the bucket gives an old serial as a newer one.
      client.objects["team.db"].Metadata["csorun-serial"] = "9"
      local got, e = look(sealed.new(keys "a"))
      assert.is_nil(got)
      assert.equal("altered_seal", e.code)
    end)
  end)

  it("gets another key by the next run that saves it", function()
    run(function()
      local s = assert(take(sealed.new(), "one"))
      put(s, "EC2.VPC.x")
      assert(s:finish())
      s:close()
      for i, step in ipairs { sealed.new(keys "a", nil, true), sealed.new(keys "b", keys "a") } do
        s = assert(take(step, "one"))
        if i == 1 then put(s, "EC2.VPC.y") end -- the second time nothing is changed
        assert(s:finish())
        s:close()
      end
      assert.equal("wrong_key", select(2, look(sealed.new(keys "a"))).code)
      s = assert(look(sealed.new(keys "b")))
      assert.equal(2, #s:resources())
      s:close()
    end)
  end)
end)
