-- States and plans that are encrypted: each way to a key, wrong keys, another key, local states.
local folder = require "spec.cmd.folder"

local STATE = " --state s3://sealed-states/team.db"

describe("encryption", function()
  local place = folder "--sim --region us-east-1"
  local csorun, write, read = place.csorun, place.write, place.read

  local function snapshot()
    local status, text = csorun "exec s3.GetObject Bucket=sealed-states Key=team.db --json"
    assert.equal(0, status, text)
    return text
  end

  before_each(function()
    place.open()
    write("p.lua", [[local cso = require "cso"
      cso.stack { name = "spec" }
      cso.aws.EC2.VPC "findme" { CidrBlock = "10.0.0.0/16" }]])
    assert.equal(0, (csorun "exec s3.CreateBucket Bucket=sealed-states"))
  end)

  after_each(place.close)

  it("takes a passphrase, and says when it is missing or another", function()
    local on = "P=correct CSORUN_ENCRYPT=passphrase:P"
    local status, text = csorun("apply -y p.lua" .. STATE, on)
    assert.equal(0, status, text)
    status, text = csorun("plan p.lua --detailed-exitcode" .. STATE, on)
    assert.equal(0, status, text)
    for before, said in pairs {
      [""] = "encrypted, and no key is configured",
      ["P=wrong CSORUN_ENCRYPT=passphrase:P"] = "another key",
      ["CSORUN_ENCRYPT=passphrase:P"] = "variable P",
      ["CSORUN_ENCRYPT=rot13"] = "CSORUN_ENCRYPT says",
    } do
      status, text = csorun("apply -y p.lua" .. STATE, before)
      assert.equal(3, status, before .. text)
      assert.match(said, text)
      assert.is_nil(text:find("correct", 1, true))
    end
  end)

  it("lets an earlier version take the place of a shared state that was altered", function()
    local on = "P=correct CSORUN_ENCRYPT=passphrase:P"
    local status, text = csorun("apply -y p.lua" .. STATE, on)
    assert.equal(0, status, text)
    -- Whole, and without what the seal was made over: as somebody copies it back by hand.
    assert.equal(0, (csorun "s3 cp s3://sealed-states/team.db copy.db"))
    assert.equal(0, (csorun "s3 cp copy.db s3://sealed-states/team.db"))
    status, text = csorun("plan p.lua" .. STATE, on)
    assert.equal(3, status, text)
    assert.match("altered.-hint: csorun state versions .-state push puts it back", text)
    status, text = csorun("state pull good.db --serial 1 --stack spec" .. STATE, on)
    assert.equal(0, status, text)
    status, text = csorun("state push good.db --stack spec" .. STATE, on)
    assert.equal(0, status, text)
    status, text = csorun("plan p.lua --detailed-exitcode" .. STATE, on)
    assert.equal(0, status, text)
    status, text = csorun "s3 ls s3://sealed-states/"
    assert.equal(0, status, text)
    assert.match("team%.db%.damaged%-", text)
  end)

  it("puts a backup in the place of a state on this machine whose first bytes are gone", function()
    local on = "P=correct CSORUN_ENCRYPT=passphrase:P"
    assert.equal(0, (csorun("apply -y p.lua", on)))
    write("p.lua", (read("p.lua"):gsub("10.0.0.0", "10.1.0.0")))
    assert.equal(0, (csorun("apply -y p.lua", on)))
    write(".cso/sim-spec.db", read(".cso/sim-spec.db"):sub(1, 1000))
    local status, text = csorun("plan p.lua", on)
    assert.equal(3, status, text)
    local push = assert(text:match "csorun (state push %S+%.backup %-%-state %S+)", text)
    status, text = csorun(push, on)
    assert.equal(0, status, text)
    assert.match("the damaged file is", text)
    assert.equal(0, (csorun("plan p.lua", on)))
  end)

  it("takes a program's key, without a shell, and another in its place", function()
    write("key", "#!/bin/sh\nprintf '%064d\\n' 7\n")
    write("short", "#!/bin/sh\necho 7\n")
    assert(os.execute(("chmod +x '%s/key' '%s/short'"):format(place.dir, place.dir)))
    local on = "CSORUN_ENCRYPT=command:./key"
    local status, text = csorun("apply -y p.lua" .. STATE, on)
    assert.equal(0, status, text)
    status, text = csorun("output" .. STATE, "CSORUN_ENCRYPT=command:./short")
    assert.equal(3, status, text)
    assert.match("32 bytes", text)
    status, text = csorun("output" .. STATE, "CSORUN_ENCRYPT='command:./key; touch made'")
    assert.equal(3, status, text)
    assert.is_nil(io.open(place.dir .. "/made"))
    status, text = csorun("apply -y p.lua" .. STATE, "P=new CSORUN_ENCRYPT=passphrase:P CSORUN_ENCRYPT_OLD=command:./key")
    assert.equal(0, status, text)
    status, text = csorun("state list" .. STATE, "P=new CSORUN_ENCRYPT=passphrase:P")
    assert.equal(0, status, text)
    assert.match("EC2.VPC.findme", text)
  end)

  it("takes a data key of KMS", function()
    local status, text = csorun "exec kms.CreateKey --json"
    assert.equal(0, status, text)
    local on = "CSORUN_ENCRYPT=kms:" .. assert(text:match '"Arn":%s*"([^"]+)"')
    status, text = csorun("apply -y p.lua" .. STATE, on)
    assert.equal(0, status, text)
    status, text = csorun("plan p.lua --detailed-exitcode" .. STATE, on)
    assert.equal(0, status, text)
    assert.match("csorun", snapshot())
    assert.equal(3, (csorun("plan p.lua" .. STATE)))
    local key = on:match "kms:(.+)$"
    assert.equal(0, (csorun("exec kms.DisableKey KeyId=" .. key)))
    status, text = csorun("plan p.lua" .. STATE, on)
    assert.equal(1, status, text)
    assert.match("the key of states and plans %(CSORUN_ENCRYPT%): kms%.Decrypt.-hint: csorun exec kms%.EnableKey KeyId=arn", text)
  end)

  it("seals whole plans, and takes none in clear", function()
    local on = "P=correct CSORUN_ENCRYPT=passphrase:P"
    local status, text = csorun("plan p.lua --out x.json" .. STATE, on)
    assert.equal(0, status, text)
    assert.match("^csorun%-sealed", read "x.json")
    assert.is_nil(read("x.json"):find("findme", 1, true))
    status, text = csorun "apply x.json"
    assert.equal(3, status, text)
    assert.match("x.json is encrypted", text)
    csorun("plan p.lua --out y.json" .. STATE)
    status, text = csorun("apply y.json" .. STATE, on)
    assert.equal(3, status, text)
    assert.match("y.json is not encrypted", text)
    status, text = csorun("apply x.json" .. STATE, on)
    assert.equal(0, status, text)
  end)

  local function lies_in_clear()
    local pipe = assert(io.popen(("grep -rlE 'findme|AWS::EC2' '%s/.cso' --include='sim-spec*' --include='team*'"):format(
      place.dir)))
    local text = pipe:read "a"
    pipe:close()
    return text ~= ""
  end

  it("seals a state on this machine with its copies, gives it another key, opens it for good", function()
    local p, q = "P=right CSORUN_ENCRYPT=passphrase:P", "Q=other CSORUN_ENCRYPT=passphrase:Q"
    assert.equal(0, (csorun "apply -y p.lua"))
    assert.is_true(lies_in_clear())
    local status, text = csorun("state list", p)
    assert.equal(0, status, text) -- to read it is no reason to write it
    status, text = csorun("apply -y p.lua", p)
    assert.equal(0, status, text)
    assert.match("is encrypted from now on", text)
    assert.is_false(lies_in_clear())
    for before, said in pairs { [""] = "no key is configured", [q] = "another key" } do
      for _, words in ipairs { "plan p.lua", "apply -y p.lua", "state list", "history", "state pull x.db" } do
        status, text = csorun(words, before)
        assert.equal(3, status, words .. text)
        assert.match(said, text)
      end
    end
    status, text = csorun("apply -y p.lua", q .. " P=right CSORUN_ENCRYPT_OLD=passphrase:P")
    assert.equal(0, status, text)
    assert.match("with the new key", text)
    assert.is_false(lies_in_clear())
    assert.equal(3, (csorun("state list", p)))
    status, text = csorun("apply -y p.lua", "Q=other CSORUN_ENCRYPT_OLD=passphrase:Q")
    assert.equal(0, status, text)
    assert.is_true(lies_in_clear())
    status, text = csorun "plan p.lua --detailed-exitcode"
    assert.equal(0, status, text)
  end)

  it("lets every command do with a sealed state what it does with one in clear", function()
    local on = "P=right CSORUN_ENCRYPT=passphrase:P"
    local function ok(words, said)
      local status, text = csorun(words, on)
      assert.equal(0, status, words .. "\n" .. text)
      if said then assert.match(said, text, words) end
      return text
    end
    ok "apply -y p.lua"
    local run = ok("history --json"):match '"id":%s*"([^"]+)"'
    ok("history show " .. run, "created")
    ok("state show EC2.VPC.findme", "10.0.0.0/16")
    ok "state pull x.db"
    ok "state pull clear.db --clear"
    assert.is_nil(read("x.db"):find("findme", 1, true))
    assert.is_truthy(read("clear.db"):find("findme", 1, true))
    ok "state pull >y.db"
    assert.match("^csorun%-sealed", read "y.db")
    ok("state mv EC2.VPC.findme EC2.VPC.elsewhere")
    local lineage = ok("state versions --json"):match '"lineage":"([^"]+)"'
    ok("state push clear.db --force " .. lineage)
    ok("state list", "EC2.VPC.findme")
    ok("state mv EC2.VPC.findme --to other", "other")
    ok("state list --stack other", "EC2.VPC.findme")
    ok("state mv EC2.VPC.findme --stack other --to spec")
    ok("drift p.lua")
    ok("output p.lua")
    os.execute(("rm '%s/.cso/sim-spec.db'"):format(place.dir))
    local status, text = csorun("plan p.lua", on)
    assert.equal(3, status, text)
    assert.match("holds 1 resources", text)
    ok "state push x.db --stack spec"
    ok("rollback " .. run .. " -y --stack spec")
    assert.is_false(lies_in_clear())
  end)

  it("keeps the working copy of a shared state as it keeps the state", function()
    local on = "P=right CSORUN_ENCRYPT=passphrase:P"
    assert.equal(0, (csorun("apply -y p.lua" .. STATE, on)))
    assert.is_false(lies_in_clear())
    local status, text = csorun("state list" .. STATE, on)
    assert.equal(0, status, text)
    assert.match("findme", text)
  end)
end)
