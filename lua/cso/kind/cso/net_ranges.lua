--- Address ranges for keys (zones, most often), cut from blocks. Who has a range keeps it, whoever comes and
--- goes beside it: a list of subnets that is merely counted through gives the later ones other ranges as
--- soon as an earlier one goes. What was given out is remembered in the state, as what is declared.
local cidr = require "cso.std.cidr"
local err = require "cso.std.err"
local kind = require "cso.kind.declare"
local value = require "cso.std.value"

local MORE = "add a block; for cso.modules.networking by `more_cidrs`, in the environment by `vpc_more_cidrs`"

local function refused(address, message, hint)
  return nil, err.new { code = "no_range", class = "usage", message = ("%s: %s"):format(address, message), hint = hint }
end

local function power_of(n)
  local power = 0
  while 1 << power < n do power = power + 1 end
  return power
end

--- All ranges there are, in the order in which they are given out: { { range of each part … } … }.
local function grid(blocks, parts, bits)
  local out, part_bits = {}, power_of(parts)
  for _, block in ipairs(blocks) do
    for place = 0, (1 << bits) - 1 do
      local ranges = {}
      for part = 0, parts - 1 do
        local whole, e = cidr.subnet(block, part_bits, part)
        local range
        if whole then range, e = cidr.subnet(whole, bits, place) end
        if not range then return nil, e end
        ranges[part + 1] = range
      end
      out[#out + 1] = ranges
    end
  end
  return out
end

-- The place in the grid that a range has, of those that nobody has yet.
local function place_of(all, taken, ranges)
  for i, one in ipairs(all) do
    if not taken[i] and ranges and one[1] == ranges[1] and #one == #ranges then return i end
  end
end

local function free(all, taken, avoided)
  for i in ipairs(all) do
    if not taken[i] and not (avoided and avoided[i]) then return i end
  end
end

--- Gives each key its ranges.
---@param all string[][]    the grid
---@param keys string[]
---@param before table<string, string[]>   what keys had so far
---@return table<string, string[]>? ranges, string? left_over   the first key for which there is none
local function give(all, keys, before)
  local taken, given_up, out, wanted = {}, {}, {}, {}
  for _, key in ipairs(keys) do wanted[key] = true end
  for key, ranges in pairs(before) do
    local place = place_of(all, {}, ranges)
    if place then
      if wanted[key] then out[key], taken[place] = all[place], true else given_up[place] = true end
    end
  end
  for _, key in ipairs(keys) do
    if not out[key] then
      -- What somebody else gives up in the same run is free only after that.
      local place = free(all, taken, given_up) or free(all, taken)
      if not place then return nil, key end
      out[key], taken[place] = all[place], true
    end
  end
  return out
end

local function overlapping(blocks)
  for i, one in ipairs(blocks) do
    for j = 1, i - 1 do
      if cidr.overlaps(one, blocks[j]) then return one, blocks[j] end
    end
  end
end

local function prepare(tree, node)
  -- An undoing says itself what it was.
  if tree.Ranges or value.has_unknown(tree) then return tree end
  local was = node.record and node.record.declared or {}
  local blocks, parts = tree.Blocks, math.tointeger(tonumber(tree.Parts or 1))
  local one, other = overlapping(blocks)
  if one then return refused(node.address, ("the blocks %s and %s overlap"):format(one, other)) end
  local same = was.Blocks and was.Blocks[1] == blocks[1] and was.Parts == tree.Parts
  local bits = same and was.Bits or power_of(math.ceil(#tree.Keys / #blocks))
  local all, e = grid(blocks, parts, bits)
  if not all then return refused(node.address, e.message) end
  local ranges, left_over = give(all, tree.Keys, same and was.Ranges or {})
  if not ranges then
    return refused(node.address, ("there is no range left for %s: %s %s cut for %d, and each keeps what it has"):format(
      left_over, table.concat(blocks, ", "), #blocks == 1 and "is" or "are", #all),
      MORE)
  end
  tree.Ranges, tree.Bits = ranges, bits
  return tree
end

local text, list = { kind = "string" }, { kind = "list", element = { kind = "string" } }

return kind "cso.net.Ranges" {
  service = "local", id = "Id",
  describe = {
    name = "cso.net.Ranges", id = { "Id" }, definitions = {},
    properties = {
      Blocks = { type = list, required = true }, -- the first is the main one: another is another network
      Keys = { type = list, required = true },
      Parts = { type = { kind = "integer" } }, -- how many ranges each key gets, each from a part of its own
      Ranges = { type = { kind = "map", element = list } }, -- given out by csorun
      Bits = { type = { kind = "integer" } }, -- so were these: by how many a part's ranges are smaller than it
    },
    attributes = { Id = { type = text } },
  },
  handles = { "Blocks", "Keys", "Parts", "Ranges", "Bits" },
  prepare = prepare,
  create = function(r)
    r.id = "ranges-" .. r.token:sub(1, 12)
    r.attributes = { Id = r.id }
  end,
  read = function(r)
    local model = { Id = r.id }
    for k, v in pairs(r.desired) do model[k] = v end
    return model
  end,
  update = function() end,
  delete = function() end,
  more = MORE,
  seconds = { create = 0.1, delete = 0 },
}
