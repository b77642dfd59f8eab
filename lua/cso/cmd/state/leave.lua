--- csorun state mv ADDRESS … --to STACK: records go from one stack's state into another's.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local shared = require "cso.cmd.shared"
local stack = require "cso.cmd.stack"

local leave = {}

local function usage(code, message, hint)
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

--- Finishes a move that was cut off, or takes it back. The state is open for writing and locked.
---@param ctx cso.cmd.Context
---@param store cso.Store
---@return boolean? ok
---@return cso.Err?  when the other state can't be read: only it knows what became of the move
function leave.settle(ctx, store)
  local move = store:leaving()
  if not move then return true end
  local other, e = require("cso.state").open { path = move.place, now = os.time, sealer = store.sealer }
  if not other and e.code ~= "no_state" then
    e.hint = ("a move of %s to stack %s is not finished, and that state has to be read first; %s"):format(
      table.concat(move.addresses, ", "), move.stack, e.hint or "mend it")
    return nil, e
  end
  local arrived = other and other:has_arrived(move)
  if other then other:close() end
  if not arrived then
    store:stay()
    return true
  end
  local run = store:begin_run { command = "state mv", who = ctx:who() }
  store:depart(move, run)
  store:end_run(run, { counts = { move = #move.addresses }, failed = 0 })
  return true
end

local function chosen(store, patterns, matcher, unknown)
  local addresses, taken = {}, {}
  for _, pattern in ipairs(patterns) do
    local any = false
    for _, record in ipairs(store:resources()) do
      if record.address == pattern or record.address:match(matcher(pattern)) then
        any = true
        if not taken[record.address] then addresses[#addresses + 1] = record.address end
        taken[record.address] = true
      end
    end
    if not any then return unknown(store, pattern) end
  end
  table.sort(addresses)
  return addresses
end

local function places(ctx, name, to)
  local from, place = stack.path(ctx, name), stack.path(ctx, to)
  if from == place then
    return usage("same_state", ("stacks %s and %s have one state, %s"):format(name, to, place),
      "name a folder of states: --state FOLDER/")
  end
  if shared.is_one(from) or shared.is_one(place) then
    return usage("shared_state", "records move between local states only",
      "forget it here (csorun state rm) and import it there (csorun import)")
  end
  return place
end

--- Moves records to another stack.
---@param ctx cso.cmd.Context
---@param args string[]   addresses or patterns
---@param matcher fun(pattern: string): string
---@param unknown fun(store: cso.Store, address: string): nil, cso.Err
---@return { from: string, addresses: string[] }? moved
---@return cso.Err?
function leave.run(ctx, args, matcher, unknown)
  local to = ctx.opts.to
  local name, e = stack.name(ctx, ctx.opts.playbook, ctx.opts.stack)
  if not name then return nil, e end
  local place, store, other, addresses
  place, e = places(ctx, name, to)
  if not place then return nil, e end
  store, e = stack.open(ctx, name, { lock = "state mv" })
  if not store then return nil, e end
  addresses, e = chosen(store, args, matcher, unknown)
  if not addresses then return nil, e end
  e = store:bound(addresses)
  if e then return nil, e end
  other, e = stack.open(ctx, to, { create = true, lock = "state mv" })
  if not other then return nil, e end
  local coming = other:expected()
  for _, address in ipairs(addresses) do
    if other:get(address) or coming[address] then
      return usage("address_taken", ("stack %s has a %s already"):format(to, address),
        "give one of them another address first: csorun state mv FROM TO")
    end
  end
  local function begin(one) return one:begin_run { command = "state mv", who = ctx:who() } end
  local result = { counts = { move = #addresses }, failed = 0 }
  local here, there = begin(store), begin(other)
  local move = { id = hash.uuid(), stack = to, place = place, addresses = addresses }
  local luggage = store:part(move)
  other:arrive(move, luggage, there, name)
  store:depart(move, here)
  other:end_run(there, result)
  store:end_run(here, result)
  return { from = name, addresses = addresses }
end

return leave
