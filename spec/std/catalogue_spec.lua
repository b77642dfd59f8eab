local catalogue = require "cso.std.catalogue"
local err = require "cso.std.err"

describe("cso.std.catalogue", function()
  it("knows all services and types", function()
    assert.is_true(#catalogue.services() >= 400)
    assert.is_true(#catalogue.types() >= 1800)
    local sorted = { table.unpack(catalogue.types()) }
    table.sort(sorted)
    assert.same(sorted, catalogue.types())
  end)

  it("gives operations, shapes, waiters, paginators and rules of a service", function()
    local S = assert(catalogue.service("ec2"))
    local op = S:operation("RunInstances")
    assert.equal("RunInstances", op.name)
    assert.equal("POST", op.http.method)
    assert.equal("integer", S:shape(S:shape(op.input.shape).members.MaxCount.shape).type)
    assert.same({ "MaxCount", "MinCount" }, (function()
      local r = { table.unpack(S:shape(op.input.shape).required) }
      table.sort(r)
      return r
    end)())
    assert.equal("Vpcs", S:paginator("DescribeVpcs").result_key)
    assert.equal("DescribeVpcs", S:waiter("VpcAvailable").operation)
    assert.is_table(S:rules().parameters.Region)
    assert.is_nil(S:operation("Nothing"))
    assert.is_nil(S:shape("Nothing"))
    assert.equal(S:shape("Vpc"), S:shape("Vpc"))
  end)

  it("holds no documentation", function()
    for _, name in ipairs { "RunInstancesRequest", "Vpc", "Instance" } do
      local shape = catalogue.service("ec2"):shape(name)
      assert.is_nil(shape.documentation)
      for _, member in pairs(shape.members) do assert.is_nil(member.documentation) end
    end
  end)

  it("keeps members that are called documentation", function()
    -- A key "documentation" is text to drop on a shape, and a name to keep among its members.
    local found = 0
    for _, name in ipairs { "apigateway", "inspector2", "resiliencehub", "bedrock-agent" } do
      local S = catalogue.service(name)
      for _, shape_name in ipairs(S:shapes()) do
        for member in pairs(S:shape(shape_name).members or {}) do
          if member:lower():find("documentation", 1, true) then found = found + 1 end
        end
      end
    end
    assert.is_true(found > 0)
  end)

  it("chooses the protocol in botocore's order", function()
    local function protocol(name) return catalogue.service(name):protocol() end
    assert.equal("ec2", protocol("ec2"))
    assert.equal("rest-xml", protocol("s3"))
    assert.equal("query", protocol("iam"))
    assert.equal("json", protocol("dynamodb"))
    assert.equal("rest-json", protocol("lambda"))
    assert.equal("json", protocol("cloudwatch")) -- the model's first choice is CBOR
  end)

  it("suggests the name that was meant", function()
    local S, e = catalogue.service("ec3")
    assert.is_nil(S)
    assert.is_true(err.is(e))
    assert.equal("UnknownService", e.code)
    assert.matches("ec2", e.hint)
    local T, e2 = catalogue.type("AWS::EC2::Subnt")
    assert.is_nil(T)
    assert.matches("AWS::EC2::Subnet", e2.hint)
  end)

  it("describes a type", function()
    local T = assert(catalogue.type("AWS::EC2::Subnet"))
    assert.same({ "SubnetId" }, T.id)
    assert.equal("always", T.properties.VpcId.replace)
    assert.is_true(T.properties.VpcId.required)
    assert.same({ { type = "AWS::EC2::VPC", attribute = "VpcId" } }, T.properties.VpcId.refs)
    assert.is_nil(T.properties.MapPublicIpOnLaunch.replace)
    assert.equal("boolean", T.properties.MapPublicIpOnLaunch.type.kind)
    assert.same({ kind = "list", element = { kind = "tag" } }, T.properties.Tags.type)
    assert.same({ property = "Tags", style = "standard" }, T.tags)
    assert.is_false(T.stateful)
    assert.equal("ec2", T.service)
    assert.equal("string", T.attributes.SubnetId.type.kind)
    assert.is_table(T.definitions[T.properties.PrivateDnsNameOptionsOnLaunch.type.ref])
  end)

  it("says what holds data and what holds secrets", function()
    local db = catalogue.type("AWS::RDS::DBInstance")
    assert.is_true(db.stateful)
    assert.is_true(db.properties.MasterUserPassword.sensitive)
    assert.is_nil(db.properties.MasterUsername.sensitive)
    assert.is_true(catalogue.type("AWS::SecretsManager::Secret").properties.SecretString.sensitive)
    local client = catalogue.type("AWS::Cognito::UserPoolClient")
    assert.is_true(client.attributes.ClientSecret.sensitive)
    assert.is_nil(client.definitions.TokenValidityUnits.properties.AccessToken.sensitive)
  end)

  it("has only definitions that are there", function()
    local missing = {}
    for _, name in ipairs(catalogue.types()) do
      local T = catalogue.type(name)
      local function look(t)
        if t.ref and not T.definitions[t.ref] then missing[#missing + 1] = name .. ":" .. t.ref end
        if t.element then look(t.element) end
        for _, one in ipairs(t.of or {}) do look(one) end
      end
      for _, p in pairs(T.properties) do look(p.type) end
      for _, p in pairs(T.attributes) do look(p.type) end
      for _, D in pairs(T.definitions) do
        for _, p in pairs(D.properties) do look(p.type) end
      end
    end
    assert.same({}, missing)
  end)

  it("knows the partitions", function()
    local ids = {}
    for _, p in ipairs(catalogue.partitions().partitions) do ids[p.id] = p end
    assert.is_table(ids.aws.regions["eu-west-2"])
    assert.is_table(ids["aws-cn"])
  end)

  it("makes a service of plain tables", function()
    local S = catalogue.from_tables {
      name = "toy",
      service = { metadata = { protocol = "query" }, operations = { B = { name = "B" }, A = { name = "A" } },
        shapes = { T = { type = "string" } } },
      paginators = { pagination = { A = { result_key = "Items" } } },
      waiters = { version = 2, waiters = { Done = { operation = "A" } } },
    }
    assert.same({ "A", "B" }, S:operations())
    assert.equal("string", S:shape("T").type)
    assert.equal("Items", S:paginator("A").result_key)
    assert.equal("A", S:waiter("Done").operation)
    assert.same({ "Done" }, S:waiters())
    assert.is_nil(S:rules())
    assert.equal("query", S:protocol())
  end)

  it("says where the data come from", function()
    local m = catalogue.manifest()
    assert.equal("Apache-2.0", m.sources.botocore.licence)
    assert.equal(#catalogue.services(), m.counts.services)
    assert.equal(#catalogue.types(), m.counts.types)
  end)

  it("names a file that can't be used", function()
    finally(function() catalogue.open(nil) end)
    local ok, e = catalogue.open("/nowhere/catalogue.bin")
    assert.is_nil(ok)
    assert.equal("config", e.class)
    assert.matches("/nowhere/catalogue.bin", e.message, 1, true)
  end)
end)
