local stack_tags = require("cso.playbook.stack_tags")
local value = require("cso.std.value")

local TEAM = { Key = "Team", Value = "x" }

local function tagged(type_name, properties, tags)
  local decl = { type = type_name, properties = properties, tags = tags }
  stack_tags({ decl }, { Team = "x" })
  return decl.properties
end

describe("a stack's tags", function()
  it("join what a thing has, which goes before them", function()
    assert.same({ Tags = { Team = "x", Name = "a" } }, tagged("AWS::EC2::VPC", { Tags = { Name = "a" } }, "Tags"))
    assert.same({ Tags = { Team = "y" } }, tagged("AWS::EC2::VPC", { Tags = { Team = "y" } }, "Tags"))
    assert.same({}, tagged("AWS::EC2::Route", {}))
  end)

  it("go to launch templates, and to what these say they tag", function()
    local p = tagged("AWS::EC2::LaunchTemplate", { LaunchTemplateData = { TagSpecifications = {
      { ResourceType = "instance", Tags = { { Key = "Name", Value = "i" } } }, { ResourceType = "network-interface" },
      { ResourceType = "volume", Tags = { { Key = "Team", Value = "y" } } } } } })
    assert.same({ { ResourceType = "launch-template", Tags = { TEAM } } }, p.TagSpecifications)
    assert.same({ { ResourceType = "instance", Tags = { { Key = "Name", Value = "i" }, TEAM } },
      { ResourceType = "network-interface", Tags = { TEAM } },
      { ResourceType = "volume", Tags = { { Key = "Team", Value = "y" } } } }, p.LaunchTemplateData.TagSpecifications)
    p = tagged("AWS::EC2::LaunchTemplate", { LaunchTemplateData = {}, TagSpecifications = { { ResourceType = "launch-template",
      Tags = { { Key = "Name", Value = "b" } } } } })
    assert.same({ { ResourceType = "launch-template", Tags = { { Key = "Name", Value = "b" }, TEAM } } }, p.TagSpecifications)
    assert.is_nil(p.LaunchTemplateData.TagSpecifications)
  end)

  it("leave alone what is known later", function()
    local later = value.ref("a", "B")
    local p = tagged("AWS::EC2::LaunchTemplate", { LaunchTemplateData = later, TagSpecifications = later })
    assert.equal(later, p.TagSpecifications)
    assert.equal(later, p.LaunchTemplateData)
  end)
end)
