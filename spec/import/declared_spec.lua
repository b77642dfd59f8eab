local declared = require "cso.import.declared"
local json = require "cso.std.json"
local kinds = require "cso.kind"

local TARGET = { FileSystemId = "fs-1", SubnetId = "subnet-1" }

describe("what is declared of a thing that was found", function()
  it("says of a list that has to be there that nothing is in it", function()
    local K = kinds.native "AWS::EFS::MountTarget"
    local model = { FileSystemId = TARGET.FileSystemId, SubnetId = TARGET.SubnetId, SecurityGroups = json.array {} }
    local properties, hidden = declared.properties(K, model)
    assert.same({}, hidden)
    assert.same({ FileSystemId = "fs-1", SubnetId = "subnet-1", SecurityGroups = {} }, properties)
    model.SecurityGroups = nil
    properties, hidden = declared.properties(K, model)
    assert.same({ "SecurityGroups" }, hidden)
    assert.same(TARGET, properties)
  end)
end)
