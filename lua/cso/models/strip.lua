--- Takes out of a botocore model what only people read. It knows the places where documentation
--- stands: a member or an operation may itself be called "documentation".
local strip = {}

local TEXT = { "documentation", "deprecatedMessage", "deprecatedSince" }

local function texts(t)
  if type(t) ~= "table" then return end
  for _, key in ipairs(TEXT) do t[key] = nil end
end

local function each(t, fn)
  for _, item in pairs(t or {}) do fn(item) end
end

local function shape(s)
  texts(s)
  each(s.members, texts)
  for _, key in ipairs { "member", "key", "value" } do texts(s[key]) end
end

local function operation(op)
  texts(op)
  texts(op.input)
  texts(op.output)
  each(op.errors, texts)
end

--- A service-2 model, changed in place.
---@param model table
---@return table model
function strip.service(model)
  each(model.operations, operation)
  each(model.shapes, shape)
  each(model.clientContextParams, texts)
  model.documentation, model.examples, model.version = nil, nil, nil
  model.metadata.uid = nil
  return model
end

local function everywhere(t)
  if type(t.documentation) == "string" then t.documentation = nil end
  for _, item in pairs(t) do
    if type(item) == "table" then everywhere(item) end
  end
end

--- An endpoint rule set, changed in place. No parameter is called "documentation".
---@param rules table
---@return table rules
function strip.rules(rules)
  everywhere(rules)
  return rules
end

--- The waiters of a waiters-2 file, changed in place.
---@param waiters table
---@return table waiters
function strip.waiters(waiters)
  each(waiters, function(w) w.description = nil end)
  return waiters
end

return strip
