--- What a playbook says about what it declared earlier: `cso.moved` gives a record another address,
--- `cso.forget` leaves a thing in the account. Said of what is not remembered, both do nothing, so
--- the lines may stay.
local err = require "cso.std.err"
local suggest = require "cso.std.suggest"

local function refuse(said, code, message, hint)
  return nil, err.new { code = code, class = "usage", where = said, message = message, hint = hint }
end

local function names_of(declared)
  local names = {}
  for address in pairs(declared) do names[#names + 1] = address end
  table.sort(names)
  return names
end

--- A module that is another now: all that is remembered in it and declared in the other, one by one. What
--- a line of its own moves is left to that line.
local function in_full(work, program)
  local list, said, known = {}, {}, nil
  for _, one in ipairs(program.moved or {}) do said[one.from] = true end
  for _, one in ipairs(program.moved or {}) do
    if one.from:sub(-1) ~= "/" then
      list[#list + 1] = one
    else
      if not known then
        known = {}
        for address in pairs(work.store:expected()) do known[address] = true end
        for _, record in ipairs(work.store:resources()) do known[record.address] = true end
      end
      for _, address in ipairs(names_of(known)) do
        local to = address:sub(1, #one.from) == one.from and one.to .. address:sub(#one.from + 1)
        local decl = to and (program.by_address or {})[to]
        if decl and decl.form == "resource" and not said[address] and not (program.by_address or {})[address] then
          list[#list + 1] = { from = address, to = to, where = one.where }
        end
      end
    end
  end
  return list
end

--- Each address is left once and taken once, and no chain comes back to where it began.
local function check_chains(moved)
  local onward, taken = {}, {}
  for _, one in ipairs(moved) do
    if onward[one.from] then
      return refuse(one.where, "moved", ("%s is said to be moved to %s and to %s"):format(one.from, onward[one.from], one.to))
    end
    if taken[one.to] then
      return refuse(one.where, "moved", ("%s and %s are both said to be %s now"):format(taken[one.to], one.from, one.to))
    end
    onward[one.from], taken[one.to] = one.to, one.from
  end
  for _, one in ipairs(moved) do
    local at, steps = one.to, 0
    while onward[at] and steps <= #moved do at, steps = onward[at], steps + 1 end
    if steps > #moved then
      return refuse(one.where, "moved", ("%s is said to be moved in a circle"):format(one.from), "leave one of the lines out")
    end
  end
  return true
end

local function check_moves(program, list)
  local declared = program.by_address or {}
  local fine, wrong = check_chains(list)
  if not fine then return nil, wrong end
  for _, one in ipairs(list) do
    if declared[one.from] then
      return refuse(one.where, "moved", ("%s is said to be moved, and is declared"):format(one.from),
        "declare it under its new address only")
    end
    -- It may be moved on by a later line.
    local onward = false
    for _, other in ipairs(list) do onward = onward or other.from == one.to end
    local decl = declared[one.to]
    if not decl and not onward then
      local near = suggest(one.to, names_of(declared))
      return refuse(one.where, "moved", ("%s is said to be %s now, which is not declared"):format(one.from, one.to),
        near and ("did you mean %s?"):format(near) or nil)
    end
    if decl and decl.form ~= "resource" then
      return refuse(one.where, "moved", one.to .. " is a step; only resources can be moved")
    end
  end
  return true
end

local function check_forgotten(program)
  for _, address in ipairs(names_of(program.forgotten or {})) do
    if (program.by_address or {})[address] then
      return refuse(program.forgotten[address], "forget", address .. " is to be forgotten, and is declared",
        "take its declaration away")
    end
  end
  return true
end

--- Fills work.records and work.expected from the state as it will be after the moves.
---@param work table
---@return true? ok, cso.Err? err
return function(work)
  local program = work.program or {}
  local list = in_full(work, program)
  local ok, e = check_moves(program, list)
  if ok then ok, e = check_forgotten(program) end
  if not ok then return nil, e end
  work.forgotten, work.moves = program.forgotten or {}, {}
  local pending = false
  for _, one in ipairs(list) do pending = pending or work.store:get(one.from) ~= nil end
  local resources
  if pending then
    local imagined
    imagined, e = work.store:imagine(list)
    if not imagined then
      e.where = e.where or list[1].where
      return nil, e
    end
    resources, work.expected, work.moves = imagined.resources, imagined.expected, imagined.moved
  else
    local early = work.opts.early
    resources = early and early:remembered() or work.store:remembered()
    work.expected = work.store:expected()
  end
  -- The addresses of all nodes begin with what is remembered, which comes in order.
  local records, addresses = work.records, {}
  work.addresses = addresses
  for i, record in ipairs(resources) do
    local address = record.address
    records[address], addresses[i] = record, address
  end
  -- What was forgotten and is to be remembered again.
  for address, record in pairs(work.opts.remember or {}) do
    if not work.records[address] and not work.expected[address] then
      record.restored = true
      work.records[address] = record
      work.addresses[#work.addresses + 1] = address
    end
  end
  return true
end
