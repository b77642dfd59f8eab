--- What Route 53's handlers share: zones, names, changes.
local base = {}

--- "/hostedzone/Z1" → "Z1".
---@param id string
---@return string
function base.bare(id) return id:match("([^/]+)$") or id end

--- A zone's row; ends the request when there is none.
---@param ctx sim.Context
---@param id string
---@return table
function base.zone(ctx, id)
  local row = ctx:table("HostedZone"):get(base.bare(id))
  if not row then ctx:fail("NoSuchHostedZone", "No hosted zone found with ID: " .. base.bare(id)) end
  return row
end

function base.save(ctx, row) ctx:table("HostedZone"):put(base.bare(row.Id), row) end

-- Route 53 answers with everything but these as an octal escape.
local function escape(c) return ("\\%03o"):format(c:byte()) end

--- A name as Route 53 stores it: lower case, absolute, unusual characters as octal escapes.
---@param ctx sim.Context
---@param name string
---@return string
function base.name(ctx, name)
  name = name:lower():gsub("\\(%d%d%d)", function(o) return string.char(tonumber(o, 8)) end)
  if name:sub(-1) ~= "." then name = name .. "." end
  if #name > 255 or name:find("..", 1, true) or name == "." then
    ctx:fail("InvalidDomainName", ("The domain name '%s' is not valid."):format(name))
  end
  for label in name:gmatch("[^.]+") do
    if #label > 63 then ctx:fail("InvalidDomainName", ("The label '%s' is longer than 63 octets."):format(label)) end
  end
  return (name:gsub("[^%w%-_.]", escape))
end

--- The key by which Route 53 orders names: labels from the right.
---@param name string
---@return string
function base.order(name)
  local labels = {}
  for label in name:gmatch("[^.]+") do table.insert(labels, 1, label) end
  return table.concat(labels, "\0")
end

--- A change that takes half a minute to reach all name servers.
---@param ctx sim.Context
---@param comment string?
---@return table info ChangeInfo
function base.change(ctx, comment)
  local id = "C" .. ctx.ids:text(20, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
  local row = ctx:phases({ Id = "/change/" .. id, SubmittedAt = ctx.now, Comment = comment }, "PENDING", 30, "INSYNC")
  ctx:table("~Change"):put(id, row)
  return base.change_info(ctx, row)
end

--- A change as it is answered now.
function base.change_info(ctx, row)
  return { Id = row.Id, SubmittedAt = row.SubmittedAt, Comment = row.Comment, Status = ctx:state(row) }
end

--- The record sets of a zone in Route 53's order.
---@param ctx sim.Context
---@param zone string bare id
---@return table[]
function base.records(ctx, zone)
  local list = ctx:table("Record"):by("_zone", zone)
  table.sort(list, function(a, b)
    if a._order ~= b._order then return a._order < b._order end
    if a.Type ~= b.Type then return a.Type < b.Type end
    return (a.SetIdentifier or "") < (b.SetIdentifier or "")
  end)
  return list
end

return base
