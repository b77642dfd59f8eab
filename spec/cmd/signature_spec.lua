-- Signed plans: made with openssl's keys, applied only when a trusted key signed exactly this.
local folder = require "spec.cmd.folder"
local json = require "cso.std.json"

describe("a signed plan", function()
  local place = folder "--sim"
  local csorun, write, read = place.csorun, place.write, place.read

  local function key(name)
    assert(os.execute(("cd '%s' && openssl genpkey -algorithm ed25519 -out %s.key && openssl pkey -in %s.key -pubout -out %s.pub")
      :format(place.dir, name, name, name)))
  end

  before_each(function()
    place.open()
    write("p.lua", [[local cso = require "cso"
      cso.stack { name = "spec" }
      cso.aws.EC2.VPC "main" { CidrBlock = "10.0.0.0/16" }]])
    key "a"
    key "b"
    local status, text = csorun "plan p.lua --out x.json --sign a.key"
    assert.equal(0, status, text)
  end)

  after_each(place.close)

  it("is applied with the other half of its key, or one of several", function()
    write("keys.pub", read "b.pub" .. read "a.pub")
    local status, text = csorun "apply x.json --verify keys.pub"
    assert.equal(0, status, text)
    assert.match("1 created", text)
  end)

  it("can be checked by openssl", function()
    local saved = json.decode(read "x.json")
    local value = saved.signature.value
    saved.signature = nil
    write("plan.txt", json.encode(saved, { sort = true }))
    local hash = require "cso.std.hash"
    write("plan.sig", hash.base64_decode(value))
    assert(os.execute(("cd '%s' && openssl pkeyutl -verify -pubin -inkey a.pub -rawin -in plan.txt -sigfile plan.sig >/dev/null")
      :format(place.dir)))
  end)

  it("is refused with another key", function()
    local status, text = csorun "apply x.json --verify b.pub"
    assert.equal(6, status, text)
    assert.match("was not made by the key that is trusted", text)
    status, text = csorun("apply x.json", "CSORUN_PLAN_KEYS=b.pub")
    assert.equal(6, status, text)
    assert.match("nothing was changed", text)
  end)

  it("is refused under another key's name", function()
    local saved = json.decode(read "x.json")
    saved.signature.key = ("0"):rep(16)
    write("x.json", json.encode(saved))
    local status, text = csorun "apply x.json --verify a.pub"
    assert.equal(6, status, text)
  end)

  it("is refused when its digest was made anew after a change", function()
    local planfile_digest = json.decode(read "x.json")
    planfile_digest.made = "2000-01-01T00:00:00Z"
    local bare = {}
    for k, v in pairs(planfile_digest) do bare[k] = v end
    bare.digest, bare.signature = nil, nil
    planfile_digest.digest = require("cso.std.hash").sha256_hex(json.encode(bare, { sort = true }))
    write("x.json", json.encode(planfile_digest))
    local status, text = csorun "apply x.json --verify a.pub"
    assert.equal(6, status, text)
    assert.match("altered since", text)
    assert.equal(0, (csorun "apply x.json")) -- proves that only the signature was wrong
  end)

  it("is wanted when keys are trusted", function()
    csorun "plan p.lua --out y.json"
    local status, text = csorun("apply y.json", "CSORUN_PLAN_KEYS=a.pub")
    assert.equal(6, status, text)
    assert.match("y.json is not signed", text)
    status, text = csorun("apply y.json", "CSORUN_PLAN_KEYS=")
    assert.equal(3, status, text)
  end)

  it("takes keys from variables, and says what is wrong with one", function()
    local status, text = csorun("plan p.lua --out z.json --sign env:K", 'K="$(cat a.key)"')
    assert.equal(0, status, text)
    assert.is_nil(read("z.json"):find("PRIVATE", 1, true))
    for words, said in pairs {
      ["plan p.lua --sign a.key"] = "add %-%-out",
      ["plan p.lua --out z.json --sign a.pub"] = "openssl genpkey",
      ["plan p.lua --out z.json --sign env:NONE"] = "NONE",
      ["apply x.json --verify a.key"] = "private half",
      ["apply x.json --verify none.pub"] = "can't read the key",
      ["apply p.lua --verify a.pub"] = "for saved plans",
    } do
      status, text = csorun(words)
      assert.equal(3, status, words .. text)
      assert.match(said, text)
    end
  end)
end)
