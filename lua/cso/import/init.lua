--- From things in an account to the playbook that declares them.
local declared = require "cso.import.declared"
local deep = require "cso.std.deep"
local discover = require "cso.import.discover"
local places = require "cso.import.places"
local source = require "cso.import.source"

local import = {}

--- The types that a sweep looks for, sorted: those that match one of the globs, or all that csorun knows
--- how to list.
---@param globs string[]?   "EC2.*", "AWS::RDS::DBInstance"
---@return string[] types
---@return string[] unmatched   globs that named nothing
function import.types(globs)
  local all = deep.keys(places.kinds)
  for _, name in ipairs(places.further) do all[#all + 1] = name end
  table.sort(all)
  if not globs or #globs == 0 then return all, {} end
  local out, unmatched, seen = {}, {}, {}
  for _, glob in ipairs(globs) do
    local short = glob:gsub("^AWS::", ""):gsub("::", ".")
    local pattern, any = "^" .. short:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$", false
    for _, name in ipairs(all) do
      if (name:gsub("^AWS::", ""):gsub("::", ".")):match(pattern) then
        any = true
        if not seen[name] then out[#out + 1] = name end
        seen[name] = true
      end
    end
    -- Any other type is asked of Cloud Control.
    local exact = "AWS::" .. short:gsub("%.", "::")
    if not any and not glob:find("*", 1, true) and require("cso.std.catalogue").type(exact) then
      any = true
      out[#out + 1] = exact
    end
    if not any then unmatched[#unmatched + 1] = glob end
  end
  table.sort(out)
  return out, unmatched
end

--- What stands in a resource of its own is not said by its parent as well.
local parts = {
  { part = "AWS::IAM::RolePolicy", by = "RoleName", whole = "AWS::IAM::Role", property = "Policies" },
}

local function written_elsewhere(items, split)
  local without = {}
  local function leave(item, property)
    without[item] = without[item] or {}
    without[item][property] = true
  end
  local children = {}
  for _, item in ipairs(items) do
    for _, one in ipairs(parts) do
      if item.type == one.part then children[one.whole .. "\0" .. tostring(item.model[one.by])] = one.property end
    end
  end
  for _, item in ipairs(items) do
    local property = children[item.type .. "\0" .. item.id]
    if property then leave(item, property) end
    if item.type == "AWS::EC2::SecurityGroup" then
      for _, direction in ipairs { "Ingress", "Egress" } do
        if split[item.id .. direction] then leave(item, "SecurityGroup" .. direction) end
      end
    end
  end
  return without
end

local function note(item, hidden)
  item.notes = {}
  for _, name in ipairs(hidden) do
    item.notes[#item.notes + 1] = ("%s is not shown by AWS; to set it: %s = cso.secret(…)"):format(name, name)
  end
end

--- Writes the playbook for things that were read.
---@param found { items: cso.import.Item[], left: table[], split: table<string, boolean> }
---@param opts { stack: string, region: string?, title: string }
---@return string text
---@return cso.import.Item[] order
function import.write(found, opts)
  local without = written_elsewhere(found.items, found.split)
  local items = {}
  for _, item in ipairs(found.items) do
    local hidden
    item.properties, hidden = declared.properties(item.kind, item.model, without[item])
    local required
    local never = declared.refusal(item.kind, item.model)
    for _, name in ipairs(hidden) do
      if item.kind.schema.properties[name].required then required = required or name end
    end
    if never then
      found.left[#found.left + 1] = { type = item.type, id = item.id, reason = never }
    elseif required then
      found.left[#found.left + 1] = { type = item.type, id = item.id,
        reason = ("it needs %s, which AWS does not show"):format(required) }
    else
      note(item, hidden)
      items[#items + 1] = item
    end
  end
  return source.write(items, opts)
end

import.find = discover.find

return import
