local catalogue = require "cso.std.catalogue"
local client = require "cso.aws.client"
local order = require "cso.models.order"

describe("the order of members", function()
  it("is read from the text of a model", function()
    local text = [[
{ "metadata": {"protocol": "rest-xml", "x": [1, {"shapes": {}}, "a]b\"}"]},
  "shapes" : { "S":{"type":"structure","members":{"Z":{"shape":"T"}, "A" : {"shape":"T"}, "M":{}}}, "T":{"type":"string"} } }
]]
    assert.same({ S = { "Z", "A", "M" } }, order.read(text))
  end)

  it("is kept in the catalogue and followed in XML", function()
    assert.same({ "Action", "ResourceRecordSet" },
      catalogue.service("route53"):shape("Change").order)
    local c = assert(client.new { service = "route53", region = "eu-west-2", now = os.clock, clock = os.time })
    local request = assert(c:build("ChangeResourceRecordSets", {
      HostedZoneId = "/hostedzone/Z1",
      ChangeBatch = { Changes = { { Action = "UPSERT", ResourceRecordSet = {
        Name = "a.example.com", Type = "A", TTL = 60, ResourceRecords = { { Value = "10.0.0.1" } } } } } },
    }))
    assert.equal("/2013-04-01/hostedzone/Z1/rrset/", request.path)
    assert.matches("<Name>a.example.com</Name><Type>A</Type><TTL>60</TTL><ResourceRecords>", request.body, 1, true)
  end)
end)
