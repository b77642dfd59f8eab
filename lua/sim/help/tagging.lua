--- The two calls that change a thing's tags, as most services have them. A service says how its things
--- are found and kept, what the members are called, and what it calls a bad tag.
local tags = require "sim.help.tags"

---@class sim.Tagging
---@field find fun(ctx: sim.Context, input: table): table, any ...  the row (ends the request when there is none)
---and whatever else `save` wants
---@field save fun(ctx: sim.Context, row: table, ...: any)
---@field at string        member of the row that keeps the tags
---@field rule sim.TagRule what a bad tag is called
---@field map boolean?     the tags are a map, not a list of pairs
---@field tags string?     member of the request with tags to lay over, default Tags
---@field keys string?     member of the request with keys to take off, default TagKeys

---@param o sim.Tagging
---@return fun(ctx: sim.Context, input: table): table add
---@return fun(ctx: sim.Context, input: table): table remove
return function(o)
  local merge, drop = tags.lay, tags.drop
  if o.map then
    merge = function(ctx, have, more, rule) return tags.merge_map(ctx, have, more, rule.code) end
    drop = tags.drop_map
  end

  local function change(ctx, row, list, ...)
    row[o.at] = list
    o.save(ctx, row, ...)
    return {}
  end

  local function add(ctx, input, row, ...)
    return change(ctx, row, merge(ctx, row[o.at], input[o.tags or "Tags"], o.rule), ...)
  end

  local function remove(ctx, input, row, ...)
    return change(ctx, row, drop(row[o.at], input[o.keys or "TagKeys"], o.rule.key), ...)
  end

  return function(ctx, input) return add(ctx, input, o.find(ctx, input)) end,
    function(ctx, input) return remove(ctx, input, o.find(ctx, input)) end
end
