--- The page of a service and of one of its operations.
local operation = {}

local function note_list(shape, required)
  local notes = {}
  if required then notes[#notes + 1] = "required" end
  if shape.idempotencyToken then notes[#notes + 1] = "filled in when absent" end
  if shape.deprecated then notes[#notes + 1] = "deprecated" end
  if shape.sensitive then notes[#notes + 1] = "sensitive" end
  if shape.enum then
    local shown = table.concat(shape.enum, " | ", 1, math.min(#shape.enum, 8))
    notes[#notes + 1] = #shape.enum > 8 and ("%s | … (%d values)"):format(shown, #shape.enum) or shown
  end
  if shape.min or shape.max then
    notes[#notes + 1] = ("%s to %s"):format(shape.min or "", shape.max or "any"):gsub("^ ", "up ")
  end
  if shape.pattern and #shape.pattern <= 40 then notes[#notes + 1] = "/" .. shape.pattern .. "/" end
  return notes
end

local function type_name(S, name)
  local shape = S:shape(name)
  if shape.type == "list" then return "list of " .. type_name(S, shape.member.shape) end
  if shape.type == "map" then return "map of " .. type_name(S, shape.value.shape) end
  if shape.type == "structure" then return name end
  return shape.type
end

-- The structure inside lists and maps, if there is one.
local function inner(S, name)
  local shape = S:shape(name)
  if shape.type == "list" then return inner(S, shape.member.shape) end
  if shape.type == "map" then return inner(S, shape.value.shape) end
  return shape.type == "structure" and name or nil
end

-- What of a member and its shape a reader wants to know, merged.
local function facts_of(S, ref)
  local shape = S:shape(ref.shape)
  return { idempotencyToken = ref.idempotencyToken, deprecated = ref.deprecated or shape.deprecated,
    sensitive = shape.sensitive, enum = shape.enum, pattern = shape.pattern,
    min = shape.type ~= "structure" and shape.min or nil, max = shape.type ~= "structure" and shape.max or nil }
end

local function sorted_members(shape)
  local required, names = {}, {}
  for _, name in ipairs(shape.required or {}) do required[name] = true end
  for name in pairs(shape.members or {}) do names[#names + 1] = name end
  table.sort(names, function(a, b)
    if required[a] ~= required[b] then return required[a] or false end
    return a < b
  end)
  return names, required
end

-- Members of a structure as rows; a structure within itself is not opened again.
local function walk(S, name, depth, text_of, level, open, rows)
  local shape = S:shape(name)
  local names, required = sorted_members(shape)
  for _, member in ipairs(names) do
    local ref = shape.members[member]
    rows[#rows + 1] = { level = level, name = member, type = type_name(S, ref.shape),
      notes = note_list(facts_of(S, ref), required[member]), documentation = text_of(name, member) }
    local below = inner(S, ref.shape)
    if below and level + 1 < depth and not open[below] then
      open[below] = true
      walk(S, below, depth, text_of, level + 1, open, rows)
      open[below] = nil
    end
  end
  return rows
end

--- The rows of a structure shape.
---@param S cso.catalogue.Service
---@param name string
---@param depth integer
---@param text_of (fun(shape: string, member: string): string?)?
---@return cso.doc.Row[]
function operation.rows(S, name, depth, text_of)
  return walk(S, name, depth, text_of or function() end, 0, { [name] = true }, {})
end

local function text_finder(model)
  return function(shape, member)
    local s = model and model.shapes[shape]
    return s and s.members and s.members[member] and s.members[member].documentation
  end
end

local function waiters_of(S, name)
  local list = {}
  for _, waiter in ipairs(S:waiters()) do
    if S:waiter(waiter).operation == name then list[#list + 1] = waiter end
  end
  return table.concat(list, ", ")
end

local function joined(v)
  return type(v) == "table" and table.concat(v, ", ") or v
end

--- Fills a page with an operation.
---@param p cso.doc.Page
---@param S cso.catalogue.Service
---@param name string
---@param options {depth: integer, model: table?}  model: one with documentation
function operation.fill(p, S, name, options)
  local op, model = S:operation(name), options.model
  local paginator = S:paginator(name)
  p:title(("%s.%s"):format(S.name, name))
  p:text(model and model.operations[name] and model.operations[name].documentation, "  ", true)
  p:facts {
    { "request", ("%s %s (%s)"):format(op.http.method, op.http.requestUri, S:protocol()) },
    { "pages", paginator and ("%s, results in %s"):format(joined(paginator.input_token), joined(paginator.result_key)) },
    { "waiters", waiters_of(S, name) },
    { "deprecated", op.deprecated and "yes" },
  }
  local text_of = text_finder(model)
  for _, side in ipairs { "input", "output" } do
    local ref = op[side]
    p:section(side .. (ref and "" or ": none"))
    if ref then p:rows(operation.rows(S, ref.shape, options.depth, text_of)) end
  end
  local errors = {}
  for i, e in ipairs(op.errors or {}) do errors[i] = e.shape end
  table.sort(errors)
  if #errors > 0 then
    p:section("errors")
    p:names(errors)
  end
end

--- Fills a page with one member of an operation's input or output, and what is below it.
---@param p cso.doc.Page
---@param S cso.catalogue.Service
---@param name string
---@param path string[]
---@param options {depth: integer, model: table?}
---@return boolean? found, string[]? names  members that there are where the path ends
function operation.fill_member(p, S, name, path, options)
  local op = S:operation(name)
  local at = op.input and op.input.shape
  if path[1] == "output" then at = table.remove(path, 1) and op.output and op.output.shape
  elseif path[1] == "input" and not (at and S:shape(at).members.input) then table.remove(path, 1) end
  local owner, ref, last
  for _, member in ipairs(path) do
    owner = at and inner(S, at)
    local members = owner and S:shape(owner).members or {}
    ref, last = members[member], member
    if not ref then return nil, (sorted_members { members = members }) end
    at = ref.shape
  end
  local text_of = text_finder(options.model)
  if not at then return nil, {} end
  p:title(("%s.%s %s: %s"):format(S.name, name, table.concat(path, "."), type_name(S, at)))
  if last then
    p:text(text_of(owner, last), "  ", true)
    local notes = note_list(facts_of(S, ref))
    if #notes > 0 then p:add("  " .. table.concat(notes, ", ") .. "\n") end
    local enum = S:shape(at).enum
    if enum and #enum > 8 then p:names(enum) end
  end
  local below = inner(S, at)
  if below then p:rows(operation.rows(S, below, options.depth, text_of)) end
  return true
end

--- Fills a page with a service.
---@param p cso.doc.Page
---@param S cso.catalogue.Service
---@param options {model: table?}
function operation.fill_service(p, S, options)
  local m = S:metadata()
  p:title(("%s: %s"):format(S.name, m.serviceFullName or m.serviceId))
  p:text(options.model and options.model.documentation, "  ")
  p:facts { { "api version", m.apiVersion }, { "protocol", S:protocol() },
    { "signed as", m.signingName or m.endpointPrefix } }
  p:section(("operations (%d)"):format(#S:operations()))
  p:names(S:operations())
  if #S:waiters() > 0 then
    p:section("waiters")
    p:names(S:waiters())
  end
end

return operation
