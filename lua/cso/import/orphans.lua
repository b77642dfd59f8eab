--- Things that bear a stack's ownership tags and are not in its state: left by a state that was lost, by a
--- `retain` or a `cso.forget`, or by somebody who copied tags.
local discover = require "cso.import.discover"
local tags = require "cso.kind.tags"

---@param opts { session: table, stack: string, records: cso.Record[], types: string[]?, sleep: function?, now: function? }
---  types: further types that the stack has ever held; they are looked for wherever it has something
---@return { type: string, id: string, address: string?, region: string? }[] orphans  sorted
---@return { type: string, reason: string }[] refused   types that could not be listed
return function(opts)
  local known, places, orphans, refused = {}, {}, {}, {}
  for _, record in ipairs(opts.records) do
    known[record.type .. "\0" .. record.id] = true
    local target = record.target or {}
    local key = ("%s|%s|%s"):format(target.region or "", target.profile or "", target.role or "")
    places[key] = places[key] or { target = target, types = {} }
    if not record.type:match("^cso%.") then places[key].types[record.type] = true end
  end
  local keys = {}
  for key in pairs(places) do keys[#keys + 1] = key end
  table.sort(keys)
  local seen = {}
  for _, key in ipairs(keys) do
    local types = {}
    for _, name in ipairs(opts.types or {}) do
      if not name:match("^cso%.") then places[key].types[name] = true end
    end
    for name in pairs(places[key].types) do types[#types + 1] = name end
    table.sort(types)
    local found = discover.find { session = opts.session, types = types, target = places[key].target, stack = opts.stack,
      sleep = opts.sleep, now = opts.now, light = true,
      skip = function(item) return known[item.type .. "\0" .. item.id] or not item.kind.tag_property end }
    for _, item in ipairs(found.items) do
      if item.tags and item.tags[tags.OWNER.stack] == opts.stack and not seen[item.type .. "\0" .. item.id] then
        seen[item.type .. "\0" .. item.id] = true
        orphans[#orphans + 1] = { type = item.type, id = item.id, address = item.tags[tags.OWNER.address],
          region = item.target.region }
      end
    end
    for _, one in ipairs(found.refused) do refused[#refused + 1] = one end
  end
  return orphans, refused
end
