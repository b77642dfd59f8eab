--- What a rehearsal's failures say of the account. A failure counts when the service would have
--- said the same; one that comes of what the simulator does not have or was not given says nothing,
--- and is told as that.
local err = require "cso.std.err"
local read = require "cso.kind.read"
local value = require "cso.std.value"

-- What the simulator answers where it has nothing to answer with.
local UNKNOWN_HERE = { NotImplemented = true, InternalFailure = true, UnknownOperationException = true,
  InvalidAction = true }

-- Where a thing is declared; what goes may still stand in the playbook that is to be destroyed.
local function place(node, program, address)
  local decl = program and program.by_address and program.by_address[address]
  local where = node and node.where or decl and decl.where
  return where and ("%s:%s"):format(where.file, where.line) or nil
end

local function names_missing(e, missing)
  for address, one in pairs(missing) do
    if one.id and (e.message or ""):find(one.id, 1, true) then return address end
  end
end

-- A literal of the declaration that the message names and nobody could look up: a snapshot, a
-- prefix list. Whether it is there, only the account knows.
local function names_unseen(e, node, known)
  local found
  local function look(v)
    if type(v) == "string" then
      local open = #v >= 6 and not known.looked[v] and not known.ours[v]
      if open and not found and (e.message or ""):find(v, 1, true) then found = v end
    elseif type(v) == "table" and not value.is_secret(v) and not value.is_ref(v) and not value.is_unknown(v) then
      for _, item in next, v do look(item) end
    end
  end
  for property, v in pairs(node.decl and node.decl.properties or {}) do
    -- Its own name is not what it names.
    if property ~= node.kind.id_name then look(v) end
  end
  return found
end

--- Why a failure says nothing of the account, or nil.
local function excuse(e, node, known)
  if UNKNOWN_HERE[e.code] then
    return ("the simulator does not have %s"):format(e.operation and (e.service or "") .. "." .. e.operation or node.type)
  end
  local other = names_missing(e, known.missing) or names_missing(e, known.foreign)
  if other then return ("it uses %s, which could not be rehearsed"):format(other) end
  local doubt = node and known.doubt(node, e)
  if doubt then return doubt end
  if read.is_gone(e) and node and node.kind then
    local unseen = names_unseen(e, node, known)
    if unseen then return ("it names %s, which the rehearsal can't look up"):format(unseen) end
    for _, need in ipairs(node.depends or {}) do
      if known.missing[need] then return ("it uses %s, which could not be rehearsed"):format(need) end
      local other_node = known.nodes[need]
      if other_node and other_node.kind and not other_node.kind.native then
        return ("it uses %s, which the simulator knows by its schema only"):format(need)
      end
    end
  end
end

---@param made table     the plan
---@param result table   of apply.run
---@param known { program: table?, missing: table<string, table>, changes: integer, actions: table<string, string>, foreign: table, looked: table, ours: table, doubt: fun(node: table, e: cso.Err): string? }
---@return cso.Rehearsal
return function(made, result, known)
  known.nodes = made.nodes
  local out = { changes = known.changes, failures = {}, left_out = {}, skipped = {}, by_schema = {}, seconds = result.seconds }
  local excused = {}
  for address, one in pairs(known.missing) do
    out.left_out[#out.left_out + 1] = { address = address,
      why = "it exists, but the simulator would not make it: " .. (one.err.message or one.err.code) }
    excused[address] = true
  end
  for _, failure in ipairs(result.failed) do
    local node = made.nodes[failure.address]
    local e = err.wrap(failure.err)
    local why = excuse(e, node, known)
    if why then
      out.left_out[#out.left_out + 1] = { address = failure.address, why = why }
      excused[failure.address] = true
    else
      e.where = e.where or place(node, known.program, failure.address)
      out.failures[#out.failures + 1] = { address = failure.address, where = e.where, err = e,
        action = known.actions[failure.address] or node and node.action }
    end
  end
  for _, skip in ipairs(result.skipped) do
    if excused[skip.because] then
      out.left_out[#out.left_out + 1] = { address = skip.address, why = ("it needs %s"):format(skip.because) }
      excused[skip.address] = true
    else
      out.skipped[#out.skipped + 1] = skip.address
    end
  end
  for _, action in ipairs(made.actions) do
    local kind = made.nodes[action.address].kind
    if action.action ~= "noop" and kind and not kind.native and not excused[action.address] then
      out.by_schema[#out.by_schema + 1] = action.address
    end
  end
  local function by_address(a, b) return a.address < b.address end
  table.sort(out.failures, by_address)
  table.sort(out.left_out, by_address)
  table.sort(out.skipped)
  return out
end
