local json = require "cso.std.json"
local typed = require "cso.cmd.typed"

local shapes = {
  In = { type = "structure", members = { InstanceIds = { shape = "Ids" }, MaxResults = { shape = "Int" },
    DryRun = { shape = "Bool" }, Filters = { shape = "Filters" }, Since = { shape = "Time" },
    Tags = { shape = "Map" }, State = { shape = "State" },
    Data = { shape = "Blob" }, Rate = { shape = "Double" } } },
  Ids = { type = "list", member = { shape = "Str" } }, Str = { type = "string" }, Int = { type = "integer" },
  Bool = { type = "boolean" }, Time = { type = "timestamp" }, Blob = { type = "blob" },
  Double = { type = "double" },
  Map = { type = "map", key = { shape = "Str" }, value = { shape = "Int" } },
  State = { type = "string", enum = { "available", "pending" } },
  Filters = { type = "list", member = { shape = "Filter" } },
  Filter = { type = "structure", members = { Name = { shape = "Str" }, Values = { shape = "Ids" } } },
}

local files = { ["in.json"] = '{"MaxResults": 3}', data = "bytes\0x" }
local function input(...)
  return typed.input({ ... }, shapes.In, function(name) return shapes[name] end,
    function(name) return files[name], "no such file" end)
end

local function failure(...)
  local v, e = input(...)
  assert.is_nil(v)
  assert.equal("usage", e.class)
  return e.message, e.hint
end

describe("cso.cmd.typed", function()
  it("types values by the model", function()
    assert.same({ InstanceIds = { "i-1", "i-2" }, MaxResults = 5, DryRun = true, Rate = 1.5,
      State = "pending", Tags = { a = 1 } },
      input("InstanceIds=i-1,i-2", "MaxResults=5", "DryRun=true", "Rate=1.5", "State=pending", "Tags.a=1"))
  end)

  it("goes down dotted keys, lists from 0", function()
    assert.same({ Filters = { { Name = "tag:Name", Values = { "a", "b" } }, { Name = "x" } } },
      input("Filters.0.Name=tag:Name", "Filters.0.Values.0=a", "Filters.0.Values.1=b", "Filters.1.Name=x"))
  end)

  it("takes JSON and files", function()
    local tree = assert(input('Filters=[{"Name":"n"}]', "@in.json", "Data=@data", "InstanceIds.0=@@literal"))
    assert.equal("n", tree.Filters[1].Name)
    assert.equal(3, tree.MaxResults)
    assert.equal("bytes\0x", tree.Data)
    assert.equal("@literal", tree.InstanceIds[1])
    assert.equal(json.encode { "i-1" }, json.encode(input('{"InstanceIds":["i-1"]}').InstanceIds))
  end)

  it("reads times", function()
    assert.equal(1769860800, input("Since=2026-01-31T12:00:00Z").Since)
    assert.equal(1769857200, input("Since=2026-01-31T12:00:00+01:00").Since)
    assert.equal(1769817600, input("Since=2026-01-31").Since)
    assert.equal(951782400, input("Since=2000-02-29").Since)
    assert.equal(17, input("Since=17").Since)
    assert.match("expected a time", failure("Since=soon"))
  end)

  it("forgives the case of a member", function()
    assert.same({ MaxResults = 1 }, input("maxresults=1"))
  end)

  it("says what is wrong with which member", function()
    assert.equal('MaxResults: expected an integer, got "x"', (failure("MaxResults=x")))
    assert.equal("did you mean MaxResults?", select(2, failure("MaxResult=1")))
    assert.equal("Filters.0.Nam is no member", (failure("Filters.0.Nam=x")))
    assert.match("without gaps", select(2, failure("Filters.1.Name=x")))
    assert.match("expected a JSON list", (failure("Filters=x")))
    assert.match("can't read gone", (failure("Data=@gone")))
    assert.equal("did you mean pending?", select(2, failure("State=pendign")))
    assert.match("nothing inside", (failure("MaxResults.a=1")))
    assert.match("expected KEY=VALUE", (failure("hello")))
  end)

  it("says all of it at once", function()
    assert.equal('MaxResults: expected an integer, got "x"\nMaxResult is no member (did you mean MaxResults?)\n'
      .. 'DryRun: expected true or false, got "maybe"', (failure("MaxResults=x", "MaxResult=1", "DryRun=maybe")))
  end)
end)

describe("cso.cmd.target", function()
  local target = require "cso.cmd.target"

  it("understands what those mean who come from AWS's own tool", function()
    local function hint(word, following)
      local found, e = target.find(word, "exec", following)
      assert.is_nil(found)
      return e.hint
    end
    assert.equal("write csorun exec ec2.DescribeSubnets", hint("ec2", "describe-subnets"))
    assert.equal("write csorun exec ec2.DescribeSubnets", hint("ec2.describe-subnets"))
    assert.equal("write csorun exec s3.ListObjectsV2", hint("s3.list_objects_v2"))
    assert.equal("write csorun exec ec2.DescribeVpcs", hint("nothing"))
  end)
end)

describe("cso.cmd.answer", function()
  local answer = require "cso.cmd.answer"

  it("shows times, bytes and secrets for what they are", function()
    local out = { Out = { type = "structure", members = { At = { shape = "Time" }, Data = { shape = "Blob" },
      Secret = { shape = "Hidden" }, List = { shape = "Items" } } },
      Hidden = { type = "string", sensitive = true }, Items = { type = "list", member = { shape = "Item" } },
      Item = { type = "structure", members = { At = { shape = "Time" } } } }
    local function lookup(name) return out[name] or shapes[name] end
    local v = { At = 0, Secret = "hunter2", List = { { At = 1.5 } }, Extra = 1 }
    assert.same({ At = "1970-01-01T00:00:00Z", Secret = "(sensitive)", Extra = 1,
      List = { { At = "1970-01-01T00:00:01.500Z" } } }, answer.plain(v, out.Out, lookup))
    assert.equal("hunter2", answer.plain(v, out.Out, lookup, { reveal = true }).Secret)
  end)
end)
