local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"
local value = require "cso.std.value"

local function body(r)
  local d = value.reveal(r.desired)
  return { Name = d.Name, Type = d.Type, Value = tostring(d.Value), Description = d.Description,
    AllowedPattern = d.AllowedPattern, Tier = d.Tier, Policies = d.Policies, DataType = d.DataType }
end

local function described(r)
  return r:call("DescribeParameters", { ParameterFilters = { { Key = "Name", Option = "Equals",
    Values = { r.id } } } }).Parameters[1]
end

return kind "AWS::SSM::Parameter" {
  service = "ssm", id = "Name", name = { "Name", max = 1011 },
  handles = { "Name", "Type", "Value", "Description", "AllowedPattern", "Tier", "Policies", "DataType", "Tags" },
  create = function(r)
    local p = body(r)
    p.Tags = tags.to_api(r:model(), "TagList", tags.owned(r.desired.Tags, r.own))
    r:call("PutParameter", p, { creates = true })
    r.id = r.desired.Name
  end,
  read = function(r)
    local out, e = r:try("GetParameter", { Name = r.id, WithDecryption = false })
    if not out then
      if e.code == "ParameterNotFound" then return nil end
      error(e, 0)
    end
    local p, more = out.Parameter, described(r) or {}
    local list = tags.read(r, r.id)
    r.owner_tags = tags.to_map(list, true)
    return { Name = p.Name, Type = p.Type, Value = p.Value, Arn = p.ARN, DataType = p.DataType, Description = more.Description,
      AllowedPattern = more.AllowedPattern, Tier = more.Tier, Policies = r.desired.Policies, Tags = tags.to_map(list) }
  end,
  update = function(r, set, list)
    if #list > (set.Tags and 1 or 0) then
      local p = body(r)
      p.Overwrite = true
      for _, property in ipairs { "Description", "AllowedPattern" } do
        if set[property] and p[property] == nil then p[property] = "" end
      end
      r:call("PutParameter", p)
    end
    if set.Tags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  -- A parameter of another type is another parameter to Systems Manager.
  fixed = { "Name", "Type" },
  defaults = { Description = "", AllowedPattern = "", Tier = "Standard" },
  replace_when = { Tier = function(want, have)
    return want == "Standard" and have == "Advanced" and "can't go back from Advanced in place" or nil
  end },
  -- It keeps nothing for others, who may need a part of it; what it is itself, it shows.
  fetch = function(r) return r:call("GetParameter", { Name = r.id, WithDecryption = true }).Parameter.Value end,
  natural = function(r) return r.desired.Name end,
  delete = { "DeleteParameter" },
  seconds = { create = 1, delete = 1 },
}
