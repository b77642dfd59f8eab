--- csorun state mv ADDRESS … --to STACK: records go from one stack's state into another's.
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local shared = require "cso.cmd.shared"
local stack = require "cso.cmd.stack"

local leave = {}

local function usage(code, message, hint)
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

-- Whether a move has come to where it goes. A shared state is taken for the answer: what a run that died
-- had only on this machine is in it then, and what it had sent can't come later.
local function arrived(ctx, store, move)
  if shared.is_one(move.place) then
    return shared.alone(ctx, move.place, "state mv", function(other) return other:has_arrived(move) end)
  end
  local other, e = require("cso.state").open { path = move.place, now = os.time, sealer = store.sealer }
  if not other then return nil, e end
  local yes = other:has_arrived(move)
  other:close()
  return yes
end

--- Finishes a move that was cut off, or takes it back. The state is open for writing and locked.
---@param ctx cso.cmd.Context
---@param store cso.Store
---@return boolean? ok
---@return cso.Err?  when the other state can't be read: only it knows what became of the move
function leave.settle(ctx, store)
  local move = store:leaving()
  if not move then return true end
  local yes, e = arrived(ctx, store, move)
  if yes == nil and e.code ~= "no_state" then
    e.hint = ("a move of %s to stack %s is not finished, and that state has to be read first; %s"):format(
      table.concat(move.addresses, ", "), move.stack, e.hint or "mend it")
    return nil, e
  end
  if not yes then
    store:stay()
    return true
  end
  local run = store:begin_run { command = "state mv", who = ctx:who() }
  store:depart(move, run)
  store:end_run(run, { counts = { move = #move.addresses }, failed = 0 })
  return true
end

--- The addresses that are named, by themselves or with *; sorted.
---@param store cso.Store
---@param patterns string[]
---@param matcher fun(pattern: string): string
---@param unknown fun(store: cso.Store, address: string): nil, cso.Err
---@return string[]? addresses, cso.Err?
function leave.chosen(store, patterns, matcher, unknown)
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
  if shared.is_one(place) then return place end
  if shared.is_one(from) then
    return usage("shared_state", ("%s is shared, and %s is on this machine: nobody else could end a move that is cut off"):format(
      from, place), ("move within S3, and take the state out whole: csorun state mv --stack %s --to %s --state FOLDER/ …, then "
        .. "csorun state pull %s --stack %s --state FOLDER/"):format(name, to, place, to))
  end
  -- Whoever ends a move that is cut off may do so from another folder.
  local dir, file = place:match "^(.*)/([^/]*)$"
  return dir and (fs.real(dir) or dir) .. "/" .. file or (fs.real "." or ".") .. "/" .. place
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
  addresses, e = leave.chosen(store, args, matcher, unknown)
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
  -- Each is where everybody sees it before the next begins.
  local luggage = store:part(move)
  store:durable()
  other:arrive(move, luggage, there, name)
  other:durable()
  store:depart(move, here)
  other:end_run(there, result)
  store:end_run(here, result)
  return { from = name, addresses = addresses }
end

return leave
