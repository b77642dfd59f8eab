-- Every native kind, checked against the catalogue: operations and members that it names exist,
-- and what it can't handle is listed where a reader can see it.
local catalogue = require "cso.std.catalogue"
local kinds = require "cso.kind"
local lfs = require "lfs"
local shape = require "cso.kind.shape"

local function native_types()
  local found, root = {}, "lua/cso/kind/aws"
  for service in lfs.dir(root) do
    if service:match("^%u") then
      for file in lfs.dir(root .. "/" .. service) do
        local name = file:match("^(%u%w*)%.lua$")
        if name then found[#found + 1] = ("AWS::%s::%s"):format(service, name) end
      end
    end
  end
  table.sort(found)
  return found
end

--- Everything that looks like an operation spec inside a kind.
local function operations(K)
  local out = {}
  local function add(op, at)
    if type(op) == "table" and type(op[1]) == "string" then out[#out + 1] = { op, at } end
  end
  for _, moment in ipairs { "create", "read", "delete" } do add(K.spec[moment], moment) end
  if type(K.spec.update) == "table" then
    for key, op in pairs(K.spec.update) do add(op, "update." .. tostring(key)) end
  end
  return out
end

describe("native kinds", function()
  local types = native_types()

  it("cover what the project promises", function()
    assert.is_true(#types >= 58)
  end)

  for _, type_name in ipairs(types) do
    it(type_name .. " names what exists", function()
      local K = assert(kinds.native(type_name))
      assert.equal(type_name, K.type)
      local S = assert(catalogue.service(K.spec.service))
      for _, pair in ipairs(operations(K)) do
        local op, at = pair[1], pair[2]
        assert.is_truthy(S:operation(op[1]), ("%s: no operation %s"):format(at, op[1]))
        local members = shape.members(S, op[1], "input")
        for _, field in ipairs { "by", "filters" } do
          if op[field] then assert.is_truthy(members[op[field]], ("%s: %s has no member %s"):format(at, op[1], op[field])) end
        end
        if op.filter and not op.filters then assert.is_truthy(members.Filters, at .. " has no Filters") end
        if type(op.tags) == "string" and at == "create" then
          assert.is_truthy(members[op.tags], ("%s: %s has no member %s"):format(at, op[1], op.tags))
        end
        for from, to in pairs(op.rename or {}) do
          if at ~= "read" and to ~= "-" then
            assert.is_truthy(members[to], ("%s: %s has no member %s (for %s)"):format(at, op[1], to, from))
          end
        end
        for _, property in ipairs(op.props or {}) do
          assert.is_truthy(K.schema.properties[property], ("%s: no property %s"):format(at, property))
          local member = shape.member(members, op.rename and op.rename[property] or property)
          assert.is_truthy(member or op.with, ("%s: %s takes no %s"):format(at, op[1], property))
        end
      end
      for _, list in ipairs { "handles", "write_only", "fixed", "replace" } do
        for _, property in ipairs(K.spec[list] or {}) do
          assert.is_truthy(K.schema.properties[property], ("%s: no property %s"):format(list, property))
        end
      end
      for _, map in ipairs { "same", "defaults" } do
        for property in pairs(K.spec[map] or {}) do
          assert.is_truthy(K.schema.properties[property], ("%s: no property %s"):format(map, property))
        end
      end
      if type(K.spec.update) == "table" then
        for property in pairs(K.spec.update) do
          if type(property) == "string" then
            assert.is_truthy(K.schema.properties[property], ("update: no property %s"):format(property))
          end
        end
      end
      for property, P in pairs(K.schema.properties) do
        if P.required then assert.is_true(K:covers(property), "required but not handled: " .. property) end
      end
    end)
  end

  it("handle cso.* types of their own", function()
    for _, name in ipairs(kinds.own_types()) do assert.is_truthy(kinds.describe(name), name) end
  end)
end)
