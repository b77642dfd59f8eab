-- The whole catalogue is spoken: every service has a protocol and an endpoint, every expression of
-- its paginators and waiters compiles, every operation that they name is there.
local catalogue = require "cso.std.catalogue"
local client = require "cso.aws.client"
local jmespath = require "cso.std.jmespath"
local page = require "cso.aws.page"
local protocol = require "cso.aws.protocol"

local function list(v) return type(v) == "table" and v or { v } end

local matchers = { path = true, pathAll = true, pathAny = true, status = true, error = true }

describe("the catalogue", function()
  it("is spoken in protocols that are known, at endpoints that resolve", function()
    local faults = {}
    for _, name in ipairs(catalogue.services()) do
      local S = catalogue.service(name)
      if not protocol.name(S) then faults[#faults + 1] = name .. ": no protocol" end
      local set = S:rules()
      local needs = {}
      for parameter, spec in pairs(set and set.parameters or {}) do
        if spec.required and spec.default == nil and not spec.builtIn then needs[#needs + 1] = parameter end
      end
      if #needs == 0 then
        local c = assert(client.new { model = S, region = "us-east-1", now = os.clock, clock = os.time })
        local op = assert(c:operation(S:operations()[1]))
        local where, e = c:endpoint(op, {})
        if not where then
          -- These need something of the call (an account, an endpoint id) that is not given here.
          if not e.message:find("[Rr]equired") and not e.message:find("must be provided") then
            faults[#faults + 1] = name .. ": " .. e.message
          end
        elseif not where.url:match("^https://[%w.%-]+$") then
          faults[#faults + 1] = name .. ": " .. where.url
        end
      end
    end
    assert.same({}, faults)
  end)

  it("has paginators and waiters that can be run", function()
    local faults = {}
    local function compile(where, text)
      local ok, e = jmespath.compile(text)
      if not ok then faults[#faults + 1] = where .. ": " .. e.message end
    end
    for _, name in ipairs(catalogue.services()) do
      local S = catalogue.service(name)
      local c = assert(client.new { model = S, region = "us-east-1", now = os.clock, clock = os.time })
      for _, op in ipairs(S:operations()) do
        local p = S:paginator(op)
        if p then
          local where = name .. "." .. op
          for _, text in ipairs(list(p.output_token)) do compile(where, text) end
          if p.more_results then compile(where, p.more_results) end
          if p.result_key and not page.result(c, op) then faults[#faults + 1] = where .. ": no result" end
          if p.result_key then compile(where, page.result(c, op)) end
        end
      end
      for _, waiter in ipairs(S:waiters()) do
        local w = S:waiter(waiter)
        local where = name .. " waiter " .. waiter
        if not S:operation(w.operation) then faults[#faults + 1] = where .. ": " .. w.operation end
        for _, a in ipairs(w.acceptors) do
          if not matchers[a.matcher] then faults[#faults + 1] = where .. ": " .. a.matcher end
          if a.argument then compile(where, a.argument) end
        end
      end
    end
    assert.same({}, faults)
  end)
end)
