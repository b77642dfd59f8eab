local compile = require "cso.models.compile"
local files = require "cso.models.files"
local gzip = require "cso.std.gzip"
local import = require "cso.models.import"
local json = require "cso.std.json"
local lfs = require "lfs"

local function remove(path)
  if lfs.attributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then remove(path .. "/" .. name) end
    end
    lfs.rmdir(path)
  else
    os.remove(path)
  end
end

local function scratch()
  local dir = os.tmpname()
  os.remove(dir)
  lfs.mkdir(dir)
  finally(function() remove(dir) end)
  return dir
end

local function put(path, value)
  local text = json.encode(value)
  assert(files.write(path, path:match("%.gz$") and gzip.deflate(text) or text))
end

-- A service with everything that an import has to take out, lay over or leave.
local function toy(data)
  local dir = data .. "/toy/2020-01-01/"
  put(data .. "/toy/2010-01-01/service-2.json", { metadata = { apiVersion = "2010-01-01" }, operations = {}, shapes = {} })
  put(dir .. "service-2.json.gz", {
    version = "2.0", documentation = "<p>A toy.</p>", examples = {},
    metadata = { apiVersion = "2020-01-01", serviceId = "Toy", protocol = "json", uid = "toy-2020" },
    operations = { Make = { name = "Make", documentation = "makes", input = { shape = "In", documentation = "what" },
      errors = { { shape = "Bad", documentation = "when bad" } } } },
    shapes = {
      In = { type = "structure", documentation = "input", required = { "documentation" }, members = {
        documentation = { shape = "Text", documentation = "a member of this name" },
        Password = { shape = "Hidden" }, Name = { shape = "Hidden" } } },
      Text = { type = "string", enum = { "a" }, documentation = "text" },
      Hidden = { type = "string", sensitive = true },
      Bad = { type = "structure", members = {}, exception = true },
      Several = { type = "list", member = { shape = "Text", documentation = "one" } },
    },
  })
  put(dir .. "service-2.sdk-extras.json", { version = 1.0, merge = { shapes = { Text = { max = 5 } } } })
  put(dir .. "paginators-1.json", { pagination = { Make = { result_key = "Things" } } })
  put(dir .. "waiters-2.json", { version = 2, waiters = { Made = { operation = "Make", description = "waits",
    acceptors = json.array {} } } })
  put(dir .. "endpoint-rule-set-1.json", { version = "1.0", parameters = { Region = { type = "String",
    documentation = "the region" } }, rules = json.array { { type = "endpoint", documentation = "x" } } })
  put(data .. "/partitions.json", { partitions = json.array { { id = "aws" } } })
end

local function entity(id, fields)
  fields["$id"] = id
  return fields
end

local function database()
  return { schema = {
    resource = { entities = { entity("1", {
      cloudFormationType = "AWS::Toy::Thing", primaryIdentifier = { "Id" }, isStateful = true, documentation = "text",
      tagInformation = { tagPropertyName = "Tags", variant = "map" },
      arnTemplate = "arn:${Partition}:toy:::thing/${Id}",
      additionalReplacementProperties = { { "Nested", "Inner" } },
      properties = {
        Name = { type = { type = "string" }, required = true, causesReplacement = "yes", documentation = "text" },
        Password = { type = { type = "string" } },
        Size = { type = { type = "integer" }, defaultValue = "5", causesReplacement = "maybe" },
        Mode = { type = { type = "string", allowedValues = { "a", "b" } }, defaultValue = "\"a\"" },
        Nested = { type = { type = "ref", reference = { ["$ref"] = "2" } } },
        Either = { type = { type = "union", types = { { type = "string" }, { type = "json" } } } },
        Friends = { type = { type = "array", element = { type = "string" } }, relationshipRefs = {
          { cloudFormationType = "AWS::Toy::Thing", propertyName = "Id" },
          { cloudFormationType = "AWS::Toy::Thing", propertyName = "Nothing" },
          { cloudFormationType = "AWS::Toy::Gone", propertyName = "Id" } } },
        Labels = { type = { type = "map", element = { type = "string" } } },
        Tags = { type = { type = "array", element = { type = "tag" } } },
      },
      attributes = { Id = { type = { type = "string" }, documentation = "text" } },
    }) } },
    typeDefinition = { entities = {
      entity("2", { name = "Nested", properties = { Inner = { type = { type = "date-time" } },
        Again = { type = { type = "ref", reference = { ["$ref"] = "2" } } } } }),
      entity("3", { name = "NotReached", properties = {} }),
    } },
  } }
end

describe("models import", function()
  it("keeps what machines read and drops what people read", function()
    local dir = scratch()
    toy(dir .. "/botocore/data")
    local manifest = assert(import.run({ dir }, dir .. "/out"))
    local model = files.read_json(dir .. "/out/models/toy.json.gz")
    assert.equal("2020-01-01", model.metadata.apiVersion)
    assert.is_nil(model.metadata.uid)
    assert.same({ name = "Make", input = { shape = "In" }, errors = { { shape = "Bad" } } }, model.operations.Make)
    assert.same({ type = "structure", required = { "documentation" }, members = { documentation = { shape = "Text" },
      Password = { shape = "Hidden" }, Name = { shape = "Hidden" } } }, model.shapes.In)
    assert.same({ type = "string", enum = { "a" }, max = 5 }, model.shapes.Text)
    assert.same({ type = "list", member = { shape = "Text" } }, model.shapes.Several)
    assert.same({ Make = { result_key = "Things" } }, model.paginators)
    assert.same({ Made = { operation = "Make", acceptors = {} } }, model.waiters)
    assert.same({ Region = { type = "String" } }, model.rules.parameters)
    assert.equal(1, manifest.counts.services)
    assert.equal(1, manifest.counts.operations)
    assert.equal(64, #manifest.sources.botocore.sha256)
    assert.equal("unknown", manifest.sources.botocore.version)
  end)

  it("reads the version that the package tells", function()
    local dir = scratch()
    toy(dir .. "/botocore/data")
    files.write(dir .. "/botocore/__init__.py", "__version__ = '1.2.3'\n")
    local manifest = assert(import.run({ dir .. "/botocore/data/" }, dir .. "/out"))
    assert.equal("1.2.3", manifest.sources.botocore.version)
  end)

  it("turns the CloudFormation database into the catalogue's form", function()
    local dir = scratch()
    put(dir .. "/db.json.gz", database())
    put(dir .. "/package.json", { name = "spec", version = "9.9" })
    local manifest = assert(import.run({ dir .. "/db.json.gz" }, dir .. "/out"))
    local T = files.read_json(dir .. "/out/types/Toy.json.gz")["AWS::Toy::Thing"]
    assert.same({ type = { kind = "string" }, required = true, replace = "always" }, T.properties.Name)
    assert.same({ type = { kind = "integer" }, replace = "maybe", default = 5 }, T.properties.Size)
    assert.same({ type = { kind = "string", enum = { "a", "b" } }, default = "a" }, T.properties.Mode)
    assert.same({ kind = "object", ref = "Nested" }, T.properties.Nested.type)
    assert.same({ kind = "union", of = { { kind = "string" }, { kind = "json" } } }, T.properties.Either.type)
    assert.same({ kind = "map", element = { kind = "string" } }, T.properties.Labels.type)
    assert.same({ kind = "timestamp" }, T.definitions.Nested.properties.Inner.type)
    assert.equal("always", T.definitions.Nested.properties.Inner.replace)
    assert.is_nil(T.definitions.NotReached)
    assert.same({ property = "Tags", style = "map" }, T.tags)
    assert.is_true(T.stateful)
    assert.equal("9.9", manifest.sources.cloudformation.version)
    assert.equal(1, manifest.counts.types)
  end)

  it("writes the same bytes each time", function()
    local dir = scratch()
    toy(dir .. "/data")
    put(dir .. "/db.json", database())
    for _, out in ipairs { "/a", "/b" } do assert(import.run({ dir, dir .. "/db.json" }, dir .. out)) end
    for _, file in ipairs { "/models/toy.json.gz", "/types/Toy.json.gz", "/manifest.json" } do
      assert.equal(files.read(dir .. "/a" .. file), files.read(dir .. "/b" .. file))
    end
  end)

  it("adds to an earlier import, and removes from it only when told", function()
    local dir = scratch()
    toy(dir .. "/data")
    put(dir .. "/out/models/old.json.gz", {})
    put(dir .. "/out/manifest.json", { services = { old = { operations = 2, shapes = 3 } } })
    local manifest = assert(import.run({ dir }, dir .. "/out"))
    assert.equal(2, manifest.counts.services)
    assert.is_not_nil(files.kind(dir .. "/out/models/old.json.gz"))
    manifest = assert(import.run({ dir }, dir .. "/out", { prune = true }))
    assert.equal(1, manifest.counts.services)
    assert.is_nil(files.kind(dir .. "/out/models/old.json.gz"))
  end)

  it("says what it can't read", function()
    local dir = scratch()
    local manifest, e = import.run({ dir }, dir .. "/out")
    assert.is_nil(manifest)
    assert.equal("usage", e.class)
    put(dir .. "/other.json", { a = 1 })
    e = select(2, import.run({ dir .. "/other.json" }, dir .. "/out"))
    assert.matches("not a CloudFormation database", e.message)
    files.write(dir .. "/bad.json", "{ nonsense")
    e = select(2, import.run({ dir .. "/bad.json" }, dir .. "/out"))
    assert.matches("bad.json", tostring(e), 1, true)
  end)
end)

describe("models compile", function()
  it("makes a catalogue that the façade reads, references tidied and secrets marked", function()
    local catalogue = require "cso.std.catalogue"
    local relations = require "cso.models.data.relations"
    local dir = scratch()
    toy(dir .. "/data")
    put(dir .. "/db.json", database())
    assert(import.run({ dir, dir .. "/db.json" }, dir .. "/out"))
    local paths = relations.paths
    relations.paths = {} -- they speak of types that the toy has not
    finally(function()
      relations.paths = paths
      catalogue.open(nil)
      remove(dir)
    end)
    local result = assert(compile.run(dir .. "/out", dir .. "/catalogue.bin"))
    assert.equal(1, result.services)
    assert(catalogue.open(dir .. "/catalogue.bin"))
    assert.same({ "toy" }, catalogue.services())
    assert.equal("Make", catalogue.service("toy"):operation("Make").name)
    local T = catalogue.type("AWS::Toy::Thing")
    assert.equal("toy", T.service)
    assert.same({ { type = "AWS::Toy::Thing", attribute = "Id" } }, T.properties.Friends.refs)
    assert.is_true(T.properties.Password.sensitive)
    assert.is_nil(T.properties.Name.sensitive) -- marked in the model, but it is a name
  end)

  it("refuses hand-kept relations that lead nowhere", function()
    local relate = require "cso.models.relate"
    local faults = relate.all { ["AWS::EC2::Instance"] = { name = "AWS::EC2::Instance", properties = {}, attributes = {},
      definitions = {} } }
    assert.is_true(#faults > 0)
  end)
end)
