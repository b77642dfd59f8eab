-- Corners of the wire protocols that no model of the catalogue happens to show.
local catalogue = require "cso.std.catalogue"
local failure = require "cso.aws.failure"
local json = require "cso.std.json"
local protocol = require "cso.aws.protocol"

local function service(kind, shapes)
  return catalogue.from_tables { name = "made-up", service = {
    metadata = { protocol = kind, serviceId = "Made Up", apiVersion = "2020-01-01", jsonVersion = "1.1",
      targetPrefix = "MadeUp" },
    operations = {}, shapes = shapes } }
end

local function op(fields)
  fields.name, fields.http = "Do", fields.http or { method = "POST", requestUri = "/" }
  return fields
end

describe("the wire protocols", function()
  it("take a structure's own name for that of a document, not of a member", function()
    local S = service("rest-xml", {
      In = { type = "structure", locationName = "Root", members = { one = { shape = "One" } } },
      One = { type = "structure", locationName = "Other", members = { a = { shape = "Text" } } },
      Text = { type = "string" },
    })
    local o = op { input = { shape = "In" }, output = { shape = "In" } }
    assert.equal("<Root><one><a>x</a></one></Root>",
      assert(protocol.build(S, o, { one = { a = "x" } })).body)
    assert.same({ one = { a = "x" } }, (protocol.parse(S, o,
      { status = 200, headers = {}, body = "<Root><one><a>x</a></one></Root>" })))
  end)

  it("take a jsonvalue in a body for what it is", function()
    local S = service("rest-json", { Out = { type = "structure", members = { policy = { shape = "Text", jsonvalue = true } } },
      Text = { type = "string" } })
    local o = op { input = { shape = "Out" }, output = { shape = "Out" } }
    for _, v in ipairs { { x = { 1, 2 } }, '{"x":1}' } do
      local body = assert(protocol.build(S, o, { policy = v })).body
      assert.same({ policy = v }, (protocol.parse(S, o, { status = 200, headers = {}, body = body })))
    end
  end)

  it("let nothing that is sent in a header begin another one", function()
    local S = service("rest-json", { In = { type = "structure", members = {
      own = { shape = "Text", location = "header", locationName = "X-Own" },
      all = { shape = "Map", location = "headers", locationName = "X-" } } },
      Map = { type = "map", key = { shape = "Text" }, value = { shape = "Text" } }, Text = { type = "string" } })
    local o = op { input = { shape = "In" } }
    for member, params in pairs { own = { own = "a\r\nX-Evil: 1" }, ["all.b"] = { all = { b = "\0" } } } do
      local request, e = protocol.build(S, o, params)
      assert.is_nil(request)
      assert.same({ "InvalidHeader", "usage" }, { e.code, e.class })
      assert.equal(member .. " holds", e.message:match("^%S+ holds"))
    end
    assert(protocol.build(S, o, { own = "a\tb é" }))
  end)

  it("let a map of headers yield to members with headers of their own", function()
    local S = service("rest-json", {
      In = { type = "structure", members = { own = { shape = "Text", location = "header", locationName = "X-Own" },
        all = { shape = "Map", location = "headers" } } },
      Map = { type = "map", key = { shape = "Text" }, value = { shape = "Text" } }, Text = { type = "string" },
    })
    local o = op { input = { shape = "In" } }
    assert.same({ { "y", "2" }, { "X-Own", "mine" } },
      assert(protocol.build(S, o, { own = "mine", all = { ["x-own"] = "1", y = "2" } })).headers)
    assert.same({ { "x-own", "1" } }, assert(protocol.build(S, o, { all = { ["x-own"] = "1" } })).headers)
  end)

  it("keep flattened lists apart whose items bear the same name", function()
    local S = service("rest-xml", {
      Out = { type = "structure", members = { names = { shape = "Names", flattened = true },
        things = { shape = "Things", flattened = true } } },
      Names = { type = "list", member = { shape = "Text", locationName = "item" } },
      Things = { type = "list", member = { shape = "Thing", locationName = "item" } },
      Thing = { type = "structure", members = { a = { shape = "Text" } } }, Text = { type = "string" },
    })
    local out = protocol.parse(S, op { output = { shape = "Out" } }, { status = 200, headers = {},
      body = "<r><names>x</names><things><a>1</a></things><names>y</names></r>" })
    assert.same({ names = { "x", "y" }, things = { { a = "1" } } }, out)
  end)

  it("find a payload that the reference names, and take null for nothing", function()
    local S = service("rest-json", { In = { type = "structure", members = { data = { shape = "Bytes" } } },
      Bytes = { type = "blob" } })
    local o = op { input = { shape = "In", payload = "data" } }
    assert.equal("bytes", protocol.build(S, o, { data = "bytes" }).body)
    assert.equal("", protocol.build(S, o, { data = json.null }).body)
  end)

  it("read headers however they are written, and keep that in maps of headers", function()
    local S = service("rest-json", { Out = { type = "structure", members = {
      kind = { shape = "Text", location = "header", locationName = "X-Kind" },
      own = { shape = "Map", location = "headers", locationName = "x-own-" } } },
      Map = { type = "map", key = { shape = "Text" }, value = { shape = "Text" } }, Text = { type = "string" } })
    local out = protocol.parse(S, op { output = { shape = "Out" } },
      { status = 200, headers = { ["x-KIND"] = "a", ["X-Own-Name"] = "b" }, body = "{}" })
    assert.same({ kind = "a", own = { Name = "b" } }, out)
  end)

  it("read the fields of an error that the operation does not list", function()
    local S = service("rest-json", { Gone = { type = "structure", exception = true,
      members = { what = { shape = "Text" } } }, Text = { type = "string" } })
    local e = failure.of_answer(S, op {}, { status = 404, headers = { ["X-Amzn-ErrorType"] = "a.b#Gone:http://x/" },
      body = '{"what":"it"}' })
    assert.same({ "Gone", "Gone", { what = "it" } }, { e.code, e.shape, e.fields })
  end)
end)
