--- Regions and their availability zones. The regions come from the catalogue's partitions; the
--- zone letters are facts of AWS that no model states (three letters where nothing else is known).
local catalogue = require "cso.std.catalogue"

local regions = {}

-- Zones that an account sees, where they are not simply a, b, c.
local letters = {
  ["us-east-1"] = "abcdef", ["us-west-1"] = "ac", ["us-west-2"] = "abcd", ["ap-northeast-1"] = "acd",
  ["ap-northeast-2"] = "abcd", ["ca-central-1"] = "abd", ["cn-north-1"] = "abc",
}

-- Zone ids carry a short name of the region: eu-west-2 → euw2.
local directions = { north = "n", south = "s", east = "e", west = "w", central = "c", northeast = "ne",
  northwest = "nw", southeast = "se", southwest = "sw" }

local known

local function load()
  if known then return known end
  known = { by_name = {}, names = {} }
  for _, p in ipairs((catalogue.partitions() or {}).partitions or {}) do
    for name, info in next, p.regions or {} do
      if not name:find("global", 1, true) then
        known.by_name[name] = { name = name, partition = p.id, description = info.description,
          suffix = p.outputs and p.outputs.dnsSuffix or "amazonaws.com" }
        known.names[#known.names + 1] = name
      end
    end
  end
  table.sort(known.names)
  return known
end

--- True for a region that AWS has.
---@param name string
---@return boolean
function regions.exists(name) return load().by_name[name] ~= nil end

--- The partition of a region.
---@param name string
---@return string
function regions.partition(name)
  local r = load().by_name[name]
  return r and r.partition or "aws"
end

--- The names of a partition's regions, sorted.
---@param partition string
---@return string[]
function regions.names(partition)
  local list = {}
  for _, name in ipairs(load().names) do
    if known.by_name[name].partition == partition then list[#list + 1] = name end
  end
  return list
end

--- The availability zones of a region.
---@param region string
---@return { name: string, id: string }[]
function regions.zones(region)
  local area, direction, number = region:match("^(%a+%-?%a*)%-(%a+)%-(%d+)$")
  local short = area and (area:gsub("%-", "") .. (directions[direction] or direction) .. number) or region
  local list = {}
  for letter in (letters[region] or "abc"):gmatch(".") do
    list[#list + 1] = { name = region .. letter, id = short .. "-az" .. (#list + 1) }
  end
  return list
end

--- The zone of a region with this name or id, or nil.
---@param region string
---@param wanted string
---@return { name: string, id: string }|nil
function regions.zone(region, wanted)
  for _, z in ipairs(regions.zones(region)) do
    if z.name == wanted or z.id == wanted then return z end
  end
end

return regions
