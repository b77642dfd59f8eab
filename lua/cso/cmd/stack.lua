--- A playbook and the state of its stack, opened for a command.
local account = require "cso.cmd.account"
local err = require "cso.std.err"
local last_seen = require "cso.cmd.last_seen"

local stack = {}

--- Where the state of a stack lies: --state, CSORUN_STATE, what the playbook says, or .cso. A place that
--- ends with a slash holds many stacks, each under its name. A simulated account has its own beside
--- them: only --state sends it elsewhere.
---@param ctx cso.cmd.Context
---@param name string
---@param declared string?  where a workspace says that it lies, when it is another stack
---@return string place   a path, or s3://BUCKET/KEY
function stack.path(ctx, name, declared)
  local file = name:gsub("[^%w%-_%.]", "_") .. ".db"
  local simulated = account.is_simulated(ctx.opts)
  local said = ctx.opts.state or not simulated and (ctx.environ.CSORUN_STATE or declared or rawget(ctx, "declared_state"))
  if said and said ~= "" then
    local scheme = said:match "^(%a[%w+.-]*)://"
    if scheme and scheme:lower() ~= "s3" then
      err.raise { code = "state_place", class = "usage", message = ("%s: a state can't lie at %s://"):format(said, scheme),
        hint = "a path, or s3://BUCKET/KEY" }
    end
    return said:match "/$" and said .. file or said
  end
  if not simulated and (name == "sim" or name:find("^sim%-")) then
    err.raise { code = "stack_name", class = "usage",
      message = ("a stack can't be called %s: in %s that is the name of what is simulated"):format(name, ctx.dir),
      hint = "cso.stack { name = … } names it otherwise; with --state it may lie elsewhere under this name" }
  end
  return ("%s/%s%s"):format(ctx.dir, simulated and "sim-" or "", file)
end

-- The command line has the last word.
local function sets_of(place, given)
  if not place then return given end
  local list = { table.unpack(place.set) }
  return table.move(given or {}, 1, #(given or {}), #list + 1, list)
end

--- Evaluates a playbook.
---@param ctx cso.cmd.Context
---@param file string
---@param named fun(name: string)?   told the stack's name as soon as the playbook says it
---@return table? program
---@return cso.Err?
function stack.load(ctx, file, named)
  local opts = ctx.opts
  local workspace = require "cso.cmd.workspace.outputs"
  local place = workspace.place(ctx.environ)
  local program, e = require("cso.playbook").load(file, {
    env_file = opts.env, overlays = opts.overlay, sets = sets_of(place, opts.set), environ = ctx.environ,
    args = ctx.rest, session = ctx.session, sim = account.is_simulated(opts), print = ctx.out,
    outputs = workspace.reader(ctx), stack = place and place.stack, workspace = place and place.file,
    identity = function(target) return ctx.session:identity(target) end,
    named = named and function(name, state)
      rawset(ctx, "declared_state", place and place.state or state)
      named(name)
    end,
  })
  if program then rawset(ctx, "declared_state", place and place.state or program.stack.state) end
  return program, e
end

-- The stacks whose state lies here, sorted.
local function known(ctx)
  local lfs = require "lfs"
  local names, simulated = {}, account.is_simulated(ctx.opts)
  if not lfs.attributes(ctx.dir) then return names end
  for file in lfs.dir(ctx.dir) do
    local name = file:match("^(.+)%.db$")
    local sim = name and name:match("^sim%-(.+)$")
    if simulated and sim then
      names[#names + 1] = sim
    elseif not simulated and name and not sim and name ~= "sim" then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

local function choose(ctx)
  local said = ctx.opts.state or not account.is_simulated(ctx.opts) and ctx.environ.CSORUN_STATE
  if said and said ~= "" and not said:match "/$" then return said:match "([^/]+)%.db$" or said end
  local names = known(ctx)
  if #names == 1 then return names[1] end
  local where = ctx.dir .. (account.is_simulated(ctx.opts) and " for the simulated account" or "")
  if #names == 0 then
    return nil, err.new { code = "no_state", class = "config", message = "there is no state in " .. where,
      hint = account.is_simulated(ctx.opts) and "apply a playbook with --sim first"
        or "apply a playbook first; with --sim the simulated account's state is used" }
  end
  return nil, err.new { code = "which_stack", class = "usage",
    message = ("there are %d stacks in %s: %s"):format(#names, where, table.concat(names, ", ")),
    hint = "say which one: --stack " .. names[1] .. ", or name the playbook" }
end

--- The name of the stack that a command means: the playbook's, --stack, or the only one there is.
---@param ctx cso.cmd.Context
---@param file string?   playbook
---@param name string?   --stack
---@param named fun(name: string)?   as for stack.load
---@return string? name
---@return table|cso.Err|nil program_or_error
function stack.name(ctx, file, name, named)
  if file then
    local program, e = stack.load(ctx, file, named)
    if not program then return nil, e end
    return program.stack.name, program
  end
  if name then return name end
  return choose(ctx)
end

--- Wall time with parts of seconds, which goes on evenly when somebody sets the clock.
local function wall_clock()
  local monotonic = require("cso.task").now
  local offset = os.time() - monotonic()
  return function() return monotonic() + offset end
end

local WORDS = { sealed = "encrypted", opened = "in clear", renewed = "encrypted with the new key" }

-- Whoever may write a state brings it to what CSORUN_ENCRYPT asks for, and says so.
local function sealed_anew(ctx, store)
  local reseal = require "cso.state.reseal"
  local what, e = reseal.run(store)
  if not what then return not e, e end
  ctx.note(("%s is %s from now on, and so are its copies\n"):format(store.path, WORDS[what]))
  local left = what == "sealed" and reseal.left(store.path) or {}
  if #left > 0 then ctx.note(("still in clear: %s\n"):format(table.concat(left, ", "))) end
  return true
end

local function local_open(ctx, path, opts)
  local sealer, e = require("cso.cmd.encryption").of(ctx)
  if not sealer then return nil, e end
  local store
  store, e = require("cso.state").open { path = path, create = opts.create, now = opts.now, write = opts.lock ~= nil,
    sealer = sealer }
  if not store then return nil, e end
  ctx:defer(function() store:close() end)
  if not opts.lock then return store end
  local lock
  lock, e = store:lock { command = opts.lock, who = ctx:who(), pid = require("cso.std.proc").pid() }
  if not lock then return nil, e end
  ctx:defer(lock.close)
  local ok
  ok, e = sealed_anew(ctx, store)
  if not ok then return nil, e end
  store:guard()
  ctx:at_end(function() return store:finish() end)
  return store
end

--- Opens the state of a stack; it is closed with the command.
---@param ctx cso.cmd.Context
---@param name string
---@param opts { create: boolean?, memory: boolean?, lock: string?, mend: boolean? }  memory: without a state, an
---  empty one that is not kept; lock: the command that takes the lock; mend: a shared state that
---  is damaged is going to be replaced
---@return cso.Store? store
---@return cso.Err?
function stack.open(ctx, name, opts)
  local place = stack.path(ctx, name)
  local shared = require "cso.cmd.shared"
  local open = shared.is_one(place) and shared.open or local_open
  local now = wall_clock()
  local gone = opts.memory and open == local_open and last_seen.lost(place)
  if gone then return nil, gone end
  local store, e = open(ctx, place, { create = opts.create, lock = opts.lock, mend = opts.mend, now = now })
  if not store and opts.memory and e.code == "no_state" then return require("cso.state").memory(now) end
  if not store then return nil, e end
  if store.warning then ctx:warn(store.warning) end
  local note = shared.is_one(place) and shared.work_path(ctx, place) or place
  last_seen.check(ctx, store, place, note .. ".seen", opts.lock ~= nil)
  if opts.lock then
    local settled
    settled, e = require("cso.cmd.state.leave").settle(ctx, store)
    if not settled then return nil, e end
  end
  return store
end

return stack
