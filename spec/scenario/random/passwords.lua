--- Whether everybody who was given a generated password has the same one.
local passwords = {}

--- Notes what no description shows.
---@param p spec.Place
---@return table<string, string> given  by database
function passwords.watch(p)
  local given = {}
  p.watched = function(moment, service, _, input)
    if moment == "after" and service == "rds" and input and input.MasterUserPassword then
      given[input.DBInstanceIdentifier] = input.MasterUserPassword
    end
  end
  return given
end

local function secret_of(row)
  for _, version in next, row._versions do
    if version.stages.AWSCURRENT then return version.text end
  end
end

-- What the account's rows hold, by name.
local function held(world)
  local shown = {}
  for place, collection in next, world.store.places do
    for _, row in next, collection.rows do
      if place:find "secretsmanager/Secret$" and not row.DeletedDate then
        shown[row.Name] = secret_of(row)
      elseif place:find "ssm/Parameter$" then
        shown[row.Name] = tostring(row.Value or row._value):match ":(.*)"
      end
    end
  end
  return shown
end

--- Fails where two that use one password have different ones.
---@param world table   of the simulator
---@param m spec.random.Model
---@param given table<string, string>   from `watch`
---@param label string
function passwords.agree(world, m, given, label)
  local shown, texts = held(world), {}
  for id, text in next, given do shown[id] = text end
  for _, n in ipairs(m.order) do
    local r = m.things[n]
    local password = r.uses.password
    if password then
      local name = m:want(r):match "^%S+"
      local text, first = shown[name] or "none", texts[password]
      texts[password] = first or { who = name, text = text }
      if first and first.text ~= text then
        error(("%s: %s and %s have different passwords"):format(label, first.who, name), 0)
      end
    end
  end
end

return passwords
