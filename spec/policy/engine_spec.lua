local policy = require "cso.policy"
local rule = require "cso.policy.rule"
local value = require "cso.std.value"

local function bucket(properties, more)
  local out = { address = "S3.Bucket.a", type = "AWS::S3::Bucket", action = "create", properties = properties, depends = {},
    where = { file = "p.lua", line = 7 } }
  for k, v in pairs(more or {}) do out[k] = v end
  return out
end

local function judged(fields, resources, more)
  fields.on = fields.on or "S3.Bucket"
  local made = assert(rule.new("T-1", fields, "r.lua:1"))
  local opts = { rules = { made }, resources = resources }
  for k, v in pairs(more or {}) do opts[k] = v end
  return policy.judge(opts)
end

local function named(r) if r.BucketName ~= "a" then return "it is not a" end end

describe("a rule", function()
  it("finds, with the place", function()
    local found = judged({ deny = named }, { bucket { BucketName = "b" } })[1]
    assert.equal("violated", found.status)
    assert.equal("deny", found.level)
    assert.equal("it is not a", found.text)
    assert.same({ file = "p.lua", line = 7 }, found.where)
    assert.same({}, judged({ deny = named }, { bucket { BucketName = "a" } }))
  end)

  it("takes what is not known for neither yes nor no", function()
    local unknown = value.unknown { from = "X.Y.z", path = "Id" }
    local found = judged({ deny = named }, { bucket { BucketName = unknown } })
    assert.equal("unknown", found[1].status)
    found = judged({ warn = function(r) return r.Tags.Owner == nil end }, { bucket { Tags = { Owner = unknown } } })
    assert.equal("unknown", found[1].status)
    -- What is decided before the unknown is read, is decided.
    assert.equal("violated", judged({ deny = function(r)
      if not r.VersioningConfiguration then return "no versions" end
      return named(r)
    end }, { bucket { BucketName = unknown } })[1].status)
  end)

  it("sees of a secret that it is there", function()
    local found = judged({ warn = function(r) return tostring(r.BucketName) end }, { bucket { BucketName = value.secret "x" } })
    assert.equal("(sensitive)", found[1].text)
  end)

  it("may look and change nothing", function()
    local properties = { Tags = { a = "b" } }
    local found, e = judged({ deny = function(r) r.Tags.a = "c" end }, { bucket(properties) })
    assert.is_nil(found)
    assert.equal("usage", e.class)
    assert.equal("b", properties.Tags.a)
  end)

  it("is told what it misspelt", function()
    local found, e = judged({ deny = function(r) return r.BucketNam end }, { bucket {} })
    assert.is_nil(found)
    assert.match("did you mean BucketName%?", e.message)
    assert.equal("r.lua:1", e.where)
    found, e = judged({ deny = function(r) return r.VersioningConfiguration.Statu end },
      { bucket { VersioningConfiguration = { Status = "Enabled" } } })
    assert.is_nil(found)
    assert.match("did you mean Status%?", e.message)
  end)

  it("is suppressed with a reason", function()
    local found = judged({ deny = named }, { bucket({ BucketName = "b" }, { skip = { ["T-1"] = "so" } }) })[1]
    assert.equal("suppressed", found.status)
    assert.equal("so", found.reason)
    found = judged({ deny = named }, { bucket { BucketName = "b" } }, { skip = { ["T-1"] = "all" } })[1]
    assert.equal("all", found.reason)
  end)

  it("looks at the actions that it names", function()
    local gone = bucket({ BucketName = "b" }, { action = "delete" })
    assert.same({}, judged({ deny = named }, { gone }))
    assert.equal(1, #judged({ deny = named, actions = { "delete" } }, { gone }))
  end)

  it("is refused when it is none", function()
    local function refused(fields)
      local made, e = rule.new("T-1", fields, "r.lua:1")
      assert.is_nil(made)
      return (e.hint or "") .. e.message
    end
    assert.match("did you mean severity%?", refused { on = "S3.Bucket", severty = "high", deny = named })
    assert.match("no type S3.Buckt", refused { on = "S3.Buckt", deny = named })
    assert.match("neither deny", refused { on = "S3.Bucket" })
    assert.match("on is missing", refused { deny = named })
    assert.match("only be one", refused { on = "S3.Bucket", deny = named, warn = named })
  end)

  it("that is skipped has to exist", function()
    local known = { "CSO-S3-001", "T-1" }
    local e = policy.check_skips(known, { bucket({}, { skip = { ["CSO-S3-01"] = "x" } }) }, nil, false)
    assert.match("did you mean CSO%-S3%-001%?", e.hint)
    assert.equal("p.lua:7", e.where)
    assert.is_nil(policy.check_skips(known, { bucket({}, { skip = { ["OTHER-1"] = "x" } }) }, nil, false))
    assert.is_table(policy.check_skips(known, {}, { ["OTHER-1"] = "x" }, true))
  end)
end)

describe("a rule that fixes", function()
  local function fixed(properties, fields)
    fields.on = "S3.Bucket"
    local program = { stack = { name = "s" }, declarations = { { address = "S3.Bucket.a", form = "resource",
      type = "AWS::S3::Bucket", properties = properties, options = {}, depends = {} } } }
    local findings = assert(policy.fix { rules = { assert(rule.new("T-1", fields)) }, program = program })
    return program.declarations[1].properties, findings
  end

  it("sets what is declared, and says so", function()
    local tags = { a = value.ref("X.Y.z", "Id") }
    local properties, findings = fixed({ BucketName = "b", Tags = tags },
      { fix = function() return { Tags = { Owner = "p" } } end })
    assert.equal("p", properties.Tags.Owner)
    assert.is_true(value.is_ref(properties.Tags.a))
    assert.is_nil(tags.Owner)
    assert.equal("fixed", findings[1].status)
  end)

  it("leaves alone what it can't judge yet", function()
    local name = value.ref("X.Y.z", "Id")
    local properties, findings = fixed({ BucketName = name }, { fix = function(r)
      if r.BucketName == "a" then return { Tags = {} } end
    end })
    assert.is_nil(properties.Tags)
    assert.same({}, findings)
  end)

  it("only proposes beside deny", function()
    local properties = fixed({ BucketName = "b" }, { deny = named, fix = function() return { BucketName = "a" } end })
    assert.equal("b", properties.BucketName)
    local found = judged({ deny = named, fix = function() return { BucketName = "a" } end }, { bucket { BucketName = "b" } })[1]
    assert.same({ BucketName = "a" }, found.fix)
  end)
end)

describe("a stack", function()
  it("is a production one when it says so", function()
    local function is(stack, environment) return policy.is_production { stack = stack, environment = environment } end
    assert.is_true(is({ name = "prod-ha", tags = {} }, {}))
    assert.is_true(is({ name = "x", tags = { Environment = "Production" } }, {}))
    assert.is_true(is({ name = "x", tags = {} }, { prod = true }))
    assert.is_false(is({ name = "prod", tags = {} }, { prod = false }))
    assert.is_false(is({ name = "product-catalogue", tags = {} }, {}))
  end)
end)
