--- Brings together what is declared and what is remembered. One node per address; a reference to
--- something that is not declared is told here, with the place that makes it.
local lazy = require "cso.std.lazy"
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local guard = lazy "cso.kind.guard"
local kinds = require "cso.kind"
local suggest = require "cso.std.suggest"

local function place(where)
  return where and ("%s:%s"):format(where.file, where.line) or nil
end

local function check_needs(work, declared)
  local nodes = work.nodes
  for _, decl in ipairs(declared) do
    for _, need in ipairs(decl.depends) do
      if not nodes[need] then
        local near = suggest(need, deep.keys(work.nodes))
        return nil, err.new { code = "reference", class = "usage", where = place(decl.where),
          message = ("%s waits for %s, which is not declared"):format(decl.address, need),
          hint = near and ("did you mean %s?"):format(near) or nil }
      end
    end
  end
  return true
end

-- How long the deletion of what goes may take: as declared where the playbook still says so, as it was otherwise.
local function timeouts_of(work, record)
  local decl = work.program and work.program.by_address and work.program.by_address[record.address]
  return decl and decl.options and decl.options.timeouts or record.timeouts
end

-- The kind of what is declared.
local function kind_of(decl, record)
  -- What is brought back is made by what had made it.
  local native = decl.native
  -- What Cloud Control looks after stays with it: a kind of its own would not know of properties that it has.
  if native == nil and record and record.native == false and record.type == decl.type then native = false end
  if native == nil then return kinds.of(decl.type, decl.properties) end
  return kinds.recorded { type = decl.type, native = native, declared = decl.properties }
end

local function no_snapshot(decl)
  return err.new { code = "retain", class = "usage", where = place(decl.where),
    message = ("%s leaves no last snapshot: csorun knows none of %s"):format(decl.address, decl.type),
    hint = "retain = true keeps the thing itself" }
end

return function(work)
  local declared = not work.opts.destroy and work.program and work.program.declarations or {}
  local nodes, records, addresses, undoes = work.nodes, work.records, work.addresses, work.opts.undoes
  local remembered, found = #addresses, 0
  local conditional = {}
  work.conditional = conditional
  for _, decl in ipairs(declared) do
    local address, options = decl.address, decl.options or {}
    local record = records[address]
    local K, e
    if decl.form == "resource" then
      K, e = kind_of(decl, record)
      if not K then
        e.where = e.where or place(decl.where)
        return nil, e
      end
      if options.retain == "snapshot" and not K.spec.restore and not undoes then return nil, no_snapshot(decl) end
      if options.protect or record and rawget(record, "protect") then guard.declare(K, decl, record) end
    end
    if record then found = found + 1 else addresses[#addresses + 1] = address end
    local node = {
      address = address, decl = decl, kind = K, record = record,
      -- So many fields have room for those which later steps add.
      depends = decl.depends, options = options, where = decl.where, type = decl.type, form = decl.form,
    }
    nodes[address] = node
    if K and (options.pre or options.post) then conditional[address] = node end
  end
  local ok, e = check_needs(work, declared)
  if not ok then return nil, e end
  -- Where all that is remembered is declared, too, there is nothing to look for.
  for address, record in pairs(found < remembered and work.records or {}) do
    if not work.nodes[address] then
      local K
      K, e = kinds.recorded(record)
      if not K then return nil, e end
      work.nodes[address] = {
        address = address, kind = K, record = record, depends = record.depends or {},
        options = { timeouts = timeouts_of(work, record) }, type = record.type, form = "resource", orphan = true,
      }
    end
  end
  for address, pending in pairs(work.expected) do
    if not work.nodes[address] then
      local intent = pending.intent
      local K
      K, e = kinds.of(intent.type, intent.native ~= false and intent.desired or { [{}] = true })
      if not K then return nil, e end
      work.addresses[#work.addresses + 1] = address
      work.nodes[address] = {
        address = address, kind = K, depends = intent.depends or {}, options = {}, type = intent.type,
        form = "resource", orphan = true, pending = pending,
      }
    end
  end
  return true
end
