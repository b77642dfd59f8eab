local err = require "cso.std.err"
local json = require "cso.std.json"
local stream = require "cso.ui.json"
local value = require "cso.std.value"

local function lines_of(events, trace)
  local out = {}
  local view = stream.new { write = function(text) out[#out + 1] = text end,
    time = function() return 1700000000.25 end, trace = trace }
  for _, e in ipairs(events) do view:event(e[1], e[2]) end
  return out
end

describe("cso.ui.json", function()
  it("writes one object per line, with type and time", function()
    local lines = lines_of { { "plan_start", { stack = "a\nb" } }, { "refresh_start", { total = 2 } } }
    assert.equal(2, #lines)
    for _, line in ipairs(lines) do assert.equal(1, select(2, line:gsub("\n", ""))) end
    assert.same({ type = "plan_start", time = "2023-11-14T22:13:20.250Z", stack = "a\nb" },
      json.decode(lines[1]))
  end)

  it("shows neither secrets nor fields that are not in the contract", function()
    local line = lines_of { { "planned", { address = "a", action = "update", type = "AWS::X::Y",
      model = { password = "hunter2" }, where = { file = "p.lua", line = 3 },
      changes = { { path = "P", before = "hunter2", after = value.secret "hunter3", sensitive = true },
        { path = "Q", after = value.unknown {}, unknown = true },
        { path = "R", after = { deep = { value.secret "hunter4" } } } } } } }[1]
    assert.is_nil(line:find("hunter", 1, true))
    local object = json.decode(line)
    assert.equal("AWS::X::Y", object.resource_type)
    assert.equal("p.lua:3", object.where)
    assert.equal("(sensitive)", object.changes[1].after)
    assert.equal("(known after apply)", object.changes[2].after)
    assert.is_true(object.changes[2].unknown)
    assert.is_nil(object.model)
  end)

  it("tells an error with its causes", function()
    local line = lines_of { { "step_failed", { address = "a", action = "create", err = err.new {
      code = "X", message = "no", class = "service", request_id = "r",
      cause = err.new { code = "Y", message = "deeper", class = "network" } } } } }[1]
    local object = json.decode(line)
    assert.equal("deeper", object.err.cause.message)
    assert.equal("service", object.err.class)
  end)

  it("tells API calls only when asked", function()
    local call = { { "api_call", { service = "ec2", operation = "DescribeVpcs", ms = 3.5, status = 200 } } }
    assert.equal(0, #lines_of(call))
    assert.equal(1, #lines_of(call, true))
  end)

  it("keeps empty lists lists", function()
    local line = lines_of { { "apply_done", { counts = {}, failed = {}, skipped = {}, seconds = 1 } } }[1]
    assert.truthy(line:find('"failed":[]', 1, true))
    assert.truthy(line:find('"counts":{}', 1, true))
  end)

  it("is what docs/events.md says", function()
    local file = assert(io.open("docs/events.md"))
    local documented = {}
    for line in file:lines() do
      local name, fields = line:match("^| ([%l_]+) | ([%l_, ]+) |")
      if name and name ~= "type" then
        documented[name] = {}
        for field in fields:gmatch("[%l_]+") do table.insert(documented[name], field) end
      end
    end
    file:close()
    assert.same(stream.fields, documented)
  end)
end)
