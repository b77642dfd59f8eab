-- What can't be compared yet is no reason to refuse a plan.
local kinds = require "cso.kind"
local value = require "cso.std.value"

describe("changes that are never made", function()
  it("are judged only where both sides are known", function()
    for _, case in ipairs { { "AWS::EC2::Volume", "Size", 40, 30 }, { "AWS::RDS::DBInstance", "AllocatedStorage", "40", "30" },
      { "AWS::RDS::DBInstance", "EngineVersion", "8.0.43", "8.0.42" } } do
      local never = kinds.native(case[1]).spec.never[case[2]]
      assert.is_string(never(case[4], case[3]))
      assert.is_nil(never(case[3], case[4]) or nil)
      assert.is_nil(never(nil, case[3]) or nil)
      assert.is_nil(never(case[4], nil) or nil)
      assert.is_nil(never(value.unknown {}, case[3]) or nil)
    end
    local mappings = kinds.native("AWS::EC2::Instance").spec.never.BlockDeviceMappings
    local function of(size) return { { DeviceName = "/dev/xvda", Ebs = { VolumeSize = size } } } end
    assert.is_string(mappings(of(30), of(40)))
    assert.is_nil(mappings(of(40), of(30)))
    assert.is_nil(mappings(nil, of(40)))
    assert.is_nil(mappings(of(value.unknown {}), of(40)))
  end)
end)
