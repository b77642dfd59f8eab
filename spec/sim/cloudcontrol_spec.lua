local json = require "cso.std.json"
local support = require "spec.sim.support"

describe("Cloud Control", function()
  local sim
  before_each(function() sim = support.world { latency = "realistic" } end)

  local function call(operation, params) return sim:json("cloudcontrolapi", "CloudApiService." .. operation, params) end

  local function create(type_name, state)
    local event = assert(call("CreateResource", { TypeName = type_name, DesiredState = json.encode(state) })).ProgressEvent
    sim.time = sim.time + 30
    return call("GetResourceRequestStatus", { RequestToken = event.RequestToken }).ProgressEvent
  end

  local function read(type_name, id)
    local got, code = call("GetResource", { TypeName = type_name, Identifier = id })
    if not got then return nil, code end
    return json.decode(got.ResourceDescription.Properties)
  end

  it("creates, reads, changes and deletes a resource of any type", function()
    local event = create("AWS::SQS::Queue", { QueueName = "jobs", DelaySeconds = 5 })
    assert.equal("SUCCESS", event.OperationStatus)
    local id = event.Identifier
    assert.equal(5, read("AWS::SQS::Queue", id).DelaySeconds)
    assert(call("UpdateResource", { TypeName = "AWS::SQS::Queue", Identifier = id,
      PatchDocument = '[{"op":"replace","path":"/DelaySeconds","value":9}]' }))
    sim.time = sim.time + 30
    assert.equal(9, read("AWS::SQS::Queue", id).DelaySeconds)
    assert.equal(1, #call("ListResources", { TypeName = "AWS::SQS::Queue" }).ResourceDescriptions)
    assert(call("DeleteResource", { TypeName = "AWS::SQS::Queue", Identifier = id }))
    assert.same({ nil, "ResourceNotFoundException" }, { read("AWS::SQS::Queue", id) })
  end)

  it("refuses states that the type does not know", function()
    local event = create("AWS::SQS::Queue", { QueueNam = "jobs" })
    assert.equal("FAILED", event.OperationStatus)
    assert.equal("InvalidRequest", event.ErrorCode)
    assert.truthy(event.StatusMessage:find("QueueName", 1, true))
    event = create("AWS::SQS::Queue", { DelaySeconds = "long" })
    assert.equal("InvalidRequest", event.ErrorCode)
    assert.same({ nil, "TypeNotFoundException" },
      { (select(1, call("GetResource", { TypeName = "AWS::No::Such", Identifier = "x" }))),
        (select(2, call("GetResource", { TypeName = "AWS::No::Such", Identifier = "x" }))) })
  end)

  it("refuses to change what only a replacement can", function()
    local id = create("AWS::SQS::Queue", { QueueName = "jobs" }).Identifier
    local _, code = call("UpdateResource", { TypeName = "AWS::SQS::Queue", Identifier = id,
      PatchDocument = '[{"op":"replace","path":"/QueueName","value":"other"}]' })
    assert.equal("NotUpdatableException", code)
  end)

  it("makes one resource at a time of a name, and one change at a time", function()
    create("AWS::SQS::Queue", { QueueName = "jobs" })
    assert.equal("AlreadyExists", create("AWS::SQS::Queue", { QueueName = "jobs" }).ErrorCode)
    local event = call("CreateResource", { TypeName = "AWS::SQS::Queue", DesiredState = '{"QueueName":"b"}' }).ProgressEvent
    local _, code = call("DeleteResource", { TypeName = "AWS::SQS::Queue", Identifier = event.Identifier })
    assert.equal("ConcurrentOperationException", code)
  end)

  it("returns the same request for the same token", function()
    local wish = { TypeName = "AWS::SQS::Queue", DesiredState = '{"QueueName":"q"}', ClientToken = "t" }
    local first = call("CreateResource", wish).ProgressEvent.RequestToken
    assert.equal(first, call("CreateResource", wish).ProgressEvent.RequestToken)
    wish.DesiredState = '{"QueueName":"r"}'
    assert.equal("ClientTokenConflictException", (select(2, call("CreateResource", wish))))
  end)
end)
