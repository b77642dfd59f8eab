-- Whether secrets that are known stand in files: each form, each place, and never told.
local folder = require "spec.cmd.folder"
local hash = require "cso.std.hash"
local sealed = require "cso.state.sealed"
local search = require "cso.cmd.audit_search"

local SECRET = "p&ss wörd/+\"1"

describe("csorun audit", function()
  local place = folder "--sim --region us-east-1"
  local csorun, write = place.csorun, place.write

  before_each(place.open)

  after_each(place.close)

  it("finds a secret in each form, at each offset, over the edge of what is read at once", function()
    local forms = {
      clear = SECRET, json = [[p&ss wörd/+\"1]], percent = "p%26ss%20w%C3%B6rd%2F%2B%221",
      lower = "p%26ss%20w%c3%b6rd%2f%2b%221", form = "p%26ss+w%C3%B6rd%2F%2B%221",
      edge = ("x"):rep((1 << 20) - 5) .. SECRET,
    }
    for before = 0, 3 do
      for after = 0, 3 do
        forms[("base64 %d %d"):format(before, after)] = hash.base64_encode(("u"):rep(before) .. SECRET .. (":"):rep(after))
      end
    end
    local needles = search.needles { { name = "it", value = SECRET } }
    for name, text in pairs(forms) do
      write("f", "before " .. text .. " after")
      local found = search.run({ place.dir .. "/f" }, needles, sealed.new())
      assert.equal(1, #found > 0 and 1 or 0, name)
      assert.equal("it", found[1].whose)
    end
    write("f", "before p&ss wordd after " .. hash.base64_encode "p&ss wordd")
    assert.equal(0, #search.run({ place.dir .. "/f" }, needles, sealed.new()))
  end)

  it("says where and whose, never what, and ends with 6", function()
    write("plan.json", '{"x":"correcthorse"}')
    local status, text = csorun("audit", "DB_PASSWORD=correcthorse")
    assert.equal(6, status, text)
    assert.match("plan.json: holds the variable DB_PASSWORD in clear", text)
    assert.is_nil(text:find("correcthorse", 1, true))
    status, text = csorun("audit --json", "DB_PASSWORD=correcthorse")
    assert.equal(6, status, text)
    assert.is_nil(text:find("correcthorse", 1, true))
    status, text = csorun("audit", "DB_PASSWORD=batterystaple")
    assert.equal(0, status, text)
    assert.equal(3, (csorun "audit nowhere"))
  end)

  it("finds nothing of a playbook's and a keeper's secrets in what an apply left", function()
    write("p.lua", [[local cso = require "cso"
      cso.stack { name = "spec" }
      cso.aws.SecretsManager.Secret "s" { Name = "db", SecretString = cso.secret "correcthorse" }]])
    local status, text = csorun "apply -y p.lua"
    assert.equal(0, status, text)
    status, text = csorun "audit --playbook p.lua --fetch"
    assert.equal(0, status, text)
    write("trace.log", hash.base64_encode "user:correcthorse")
    for _, words in ipairs { "--playbook p.lua", "--fetch" } do
      status, text = csorun("audit " .. words)
      assert.equal(6, status, words .. text)
      assert.match("trace.log: holds .* in base64", text)
      assert.is_nil(text:find("correcthorse", 1, true))
    end
  end)

  it("finds what a database keeps in pieces", function()
    local long = ("correcthorse"):rep(2000)
    local db = assert(require("cso.std.sqlite").open(place.dir .. "/x.db"))
    assert(db:exec "CREATE TABLE t (v TEXT)")
    assert(db:run("INSERT INTO t VALUES (?)", "some" .. long))
    db:close()
    local found = search.run({ place.dir .. "/x.db" }, search.needles { { name = "it", value = long } }, sealed.new())
    assert.equal("t.v", found[1].where)
  end)

  it("looks into each version and the journal of a shared state", function()
    local where = " --state s3://audited/team.db"
    local function ok(words, expect)
      local status, text = csorun(words, "DB_PASSWORD=correcthorse")
      assert.equal(expect or 0, status, words .. text)
      assert.is_true(not words:match "^audit" or not text:find("correcthorse", 1, true))
      return text
    end
    ok "exec s3.CreateBucket Bucket=audited"
    ok "exec s3.PutBucketVersioning Bucket=audited VersioningConfiguration.Status=Enabled"
    -- What is no secret to csorun is one to who looks for it.
    local function apply(cidr, tag)
      write("p.lua", ([[local cso = require "cso"
        cso.stack { name = "spec" }
        cso.aws.EC2.VPC "v" { CidrBlock = %q, Tags = { T = "horse%s" } }]]):format(cidr, tag))
      ok("apply -y p.lua" .. where)
    end
    apply("10.0.0.0/16", "one")
    ok("audit --stack spec" .. where)
    write("p.lua", [[local cso = require "cso"
      cso.stack { name = "spec" }
      cso.aws.EC2.VPC "v" { CidrBlock = "10.0.0.0/16", Tags = { T = "correct" .. "horse" } }]])
    local status = csorun("apply -y p.lua" .. where)
    assert.equal(0, status)
    assert.match("team.db %(serial %d+%): holds the variable DB_PASSWORD in clear", ok("audit --stack spec" .. where, 6))
    apply("10.1.0.0/16", "two")
    os.execute(("rm -rf '%s/.cso/remote'"):format(place.dir))
    -- It is gone from the present, and stands in a version of before.
    assert.match("team.db %(serial %d+%): holds the variable DB_PASSWORD in clear", ok("audit --stack spec" .. where, 6))
    write("f", '{"x":"correcthorse"}')
    ok "exec s3.PutObject Bucket=audited Key=team.db.journal/00000009/00000001 Body=@f"
    assert.match("00000009/00000001: holds the variable DB_PASSWORD in clear", ok("audit --stack spec" .. where, 6))
  end)
end)
