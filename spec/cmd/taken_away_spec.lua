-- A state or its lock that somebody takes away while a run goes on, or before the next one.
local place = require("spec.cmd.folder")()

local BOOK = [[
local cso = require "cso"
cso.stack { name = "s" }
local first = cso.random.password "first" {}
if os.getenv "MORE" then
  local gate = cso.step "gate" { after = { first }, timeout = "2m", every = "1s", run = function(s)
    io.open("waiting", "w"):close()
    if not io.open "go" then return s:retry "not yet" end
  end }
  cso.random.password("second", { after = { gate } }) {}
end
]]

-- What is done while a run waits: it has written its intents and is in the middle.
local DURING = [[
rm -f go waiting
( MORE=1 $B/csorun apply s.lua -y > run.log 2>&1; echo "run=$?" >> run.log ) &
for i in $(seq 600); do test -e waiting && break; sleep 0.1; done
%s
touch go
wait]]

local shell = require "spec.cmd.shell_line"

describe("while a run goes on", function()
  before_each(function()
    place.open()
    place.write("s.lua", BOOK)
    local status, text = place.csorun "apply s.lua -y"
    assert.equal(0, status, text)
  end)
  after_each(place.close)

  local function during(what)
    local text = shell(DURING:format(what), place.dir)
    return place.read "run.log", text
  end

  it("another one is not begun because the lock's file was removed", function()
    local log, text = during "rm .cso/s.db.lock; $B/csorun apply s.lua -y; echo other=$?; $B/csorun unlock x"
    assert.match("is locked: apply by .*the file of its lock was removed", text)
    assert.match("other=5", text)
    assert.match("run=0", log)
    local status, told = place.csorun "apply s.lua -y"
    assert.equal(0, status, told)
  end)

  for _, how in ipairs { "rm -r .cso", "rm .cso/s.db", "mv .cso away" } do
    it("a state that is removed is put back with what the run did: " .. how, function()
      local log = during(how)
      assert.match("was removed while this run wrote it; what it knew is there again", log)
      local status = tonumber(log:match "run=(%d+)")
      assert.is_true(status == 3 or status == 7, log)
      assert.match("random.password.first", select(2, place.csorun "state list --stack s"))
      local told
      status, told = place.csorun("apply s.lua -y", "MORE=1")
      assert.equal(0, status, told)
      assert.match("No changes", told)
      status, told = place.csorun "apply s.lua -y"
      assert.equal(0, status, told)
    end)
  end

  it("no call is sent that its state would not know of", function()
    local store = assert(require("cso.state").open { path = place.dir .. "/.cso/s.db", write = true })
    store:durable()
    store:guard()
    store:durable()
    os.rename(place.dir .. "/.cso/s.db", place.dir .. "/.cso/t.db")
    local ok, e = pcall(store.durable, store)
    assert.is_false(ok)
    assert.equal("state_gone", e.code)
    os.rename(place.dir .. "/.cso/t.db", place.dir .. "/.cso/s.db")
    store:durable()
    store:close()
  end)

  it("a state that is replaced is left alone, and what the run knew lies beside it", function()
    local log = during "cp .cso/s.db copy; mv copy .cso/s.db"
    assert.match("was replaced by another file while this run wrote it", log)
    local kept = assert(log:match "what it knew is in (%.cso/s%.spill%-%w+%.db)", log)
    local status, text = place.csorun(("state list --state %s --stack s"):format(kept))
    assert.equal(0, status, text)
    assert.match("random.password.first", text)
  end)

  it("nothing is written through a lock that is a link", function()
    place.write("precious", "kept")
    os.execute(("cd '%s' && ln -sf ../precious .cso/s.db.lock"):format(place.dir))
    local status, text = place.csorun "apply s.lua -y"
    assert.equal(3, status, text)
    assert.match("cannot lock", text)
    assert.equal("kept", place.read "precious")
  end)
end)

describe("a state that is not there any more", function()
  before_each(place.open)
  after_each(place.close)

  it("is not taken for a new stack", function()
    place.write("s.lua", BOOK)
    assert.equal(0, (place.csorun "apply s.lua -y"))
    os.remove(place.dir .. "/.cso/s.db")
    os.remove(place.dir .. "/.cso/s.db.backup")
    for _, words in ipairs { "plan s.lua", "apply s.lua -y", "destroy s.lua -y" } do
      local status, text = place.csorun(words)
      assert.equal(3, status, text)
      assert.match("there is no state at %.cso/s%.db any more: it had serial 1 on 20%d%d", text)
    end
    os.remove(place.dir .. "/.cso/s.db.seen")
    local status, text = place.csorun "apply s.lua -y"
    assert.equal(0, status, text)
  end)

  it("is not replaced by what is none, and that is named as it was given", function()
    place.write("s.lua", BOOK)
    assert.equal(0, (place.csorun "apply s.lua -y"))
    for _, name in ipairs { "a%b-(1).db", "c%1.db" } do
      place.write(name, "SQLite format 3\0")
      local status, text = place.csorun(("state push '%s' --stack s"):format(name))
      assert.equal(3, status, text)
      assert.truthy(text:find("error: " .. name .. " can't be used as state", 1, true), text)
    end
  end)
end)
