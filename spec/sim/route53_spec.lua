local support = require "spec.sim.support"
local xml = require "cso.std.xml"

-- Route 53's REST form: a document out, a node tree back; or the error's code and message.
local function caller(sim)
  return function(method, path, body)
    local request = { method = method, path = "/2013-04-01" .. path:match("^[^?]*"), query = path:match("%?(.*)$") or "",
      body = body or "", service = "route53", headers = { { "content-type", "text/xml" } } }
    local response = sim:send(sim:sign(request, { region = "us-east-1" }))
    if sim.defect then error(sim.defect) end
    local tree = response.body ~= "" and assert(xml.decode(response.body)) or nil
    local function find(node, name)
      if node.name == name then return node.text or node end
      for _, child in ipairs(node) do
        local got = find(child, name)
        if got then return got end
      end
    end
    if response.status >= 300 then return nil, find(tree, "Code"), find(tree, "Message") end
    return function(name) return find(tree, name) end, response.body
  end
end

local function change(action, set)
  return ("<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>%s</Action><ResourceRecordSet>%s"
    .. "</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"):format(action, set)
end

local function record(name, kind, value)
  return ("<Name>%s</Name><Type>%s</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>%s</Value></ResourceRecord>"
    .. "</ResourceRecords>"):format(name, kind, value)
end

describe("Route 53", function()
  local sim, call, zone, rrset
  before_each(function()
    sim = support.world { latency = "realistic" }
    call = caller(sim)
    local _, body = assert(call("POST", "/hostedzone", "<CreateHostedZoneRequest><Name>Example.test</Name>"
      .. "<CallerReference>one</CallerReference></CreateHostedZoneRequest>"))
    zone = body:match("/hostedzone/(%w+)</Id>")
    rrset = "/hostedzone/" .. zone .. "/rrset/"
  end)

  it("keeps names absolute and in lower case", function()
    assert.equal("example.test.", call("GET", "/hostedzone/" .. zone)("Name"))
  end)

  it("spreads a change in thirty seconds", function()
    local id = assert(call("POST", rrset, change("CREATE", record("a.example.test", "A", "192.0.2.1"))))("Id")
    assert.equal("PENDING", call("GET", id)("Status"))
    sim.time = sim.time + 31
    assert.equal("INSYNC", call("GET", id)("Status"))
  end)

  local bad = {
    { "a record that exists", "CREATE", record("a.example.test", "A", "192.0.2.2"), "already exists" },
    { "a record that is not there", "DELETE", record("b.example.test", "A", "192.0.2.1"), "not found" },
    { "other values than stand there", "DELETE", record("a.example.test", "A", "192.0.2.9"), "do not match" },
    { "a CNAME beside others", "CREATE", record("a.example.test", "CNAME", "x.test"), "conflicts with other records" },
    { "a CNAME at the apex", "CREATE", record("example.test", "CNAME", "x.test"), "not permitted at apex" },
    { "a name of another zone", "CREATE", record("a.other.test", "A", "192.0.2.1"), "not permitted in zone" },
    { "an address that is none", "CREATE", record("c.example.test", "A", "192.0.2"), "IllegalIPv4" },
    { "text without quotes", "CREATE", record("c.example.test", "TXT", "text"), "quotation marks" },
  }
  for _, case in ipairs(bad) do
    it("refuses " .. case[1], function()
      assert(call("POST", rrset, change("CREATE", record("a.example.test", "A", "192.0.2.1"))))
      local got, code, message = call("POST", rrset, change(case[2], case[3]))
      assert.is_nil(got)
      assert.equal("InvalidChangeBatch", code)
      assert.matches(case[4], message, 1, true)
    end)
  end

  it("deletes only an empty zone", function()
    assert(call("POST", rrset, change("CREATE", record("a.example.test", "A", "192.0.2.1"))))
    local _, code = call("DELETE", "/hostedzone/" .. zone)
    assert.equal("HostedZoneNotEmpty", code)
    assert(call("POST", rrset, change("DELETE", record("a.example.test", "A", "192.0.2.1"))))
    assert(call("DELETE", "/hostedzone/" .. zone))
    _, code = call("GET", "/hostedzone/" .. zone)
    assert.equal("NoSuchHostedZone", code)
    assert.same({}, sim.world:dump())
  end)
end)
