--- csorun state list|show|mv|rm|pull|push|versions
local choices = require "cso.cmd.choices"

local function open(ctx, opts)
  local stack = require "cso.cmd.stack"
  local name, e = stack.name(ctx, opts.playbook, opts.stack)
  if not name then return nil, e end
  return stack.open(ctx, name, { lock = opts.lock })
end

local function unknown(store, address)
  local err = require "cso.std.err"
  local suggest = require "cso.std.suggest"
  local addresses = {}
  for _, record in ipairs(store:resources()) do addresses[#addresses + 1] = record.address end
  local near = suggest(address, addresses)
  return nil, err.new { code = "unknown_address", class = "usage",
    message = ("there is no %s in %s"):format(address, store.path),
    hint = near and ("did you mean %s?"):format(near) or "see csorun state list" }
end

local function matcher(pattern)
  return "^" .. pattern:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

local shared = { choices.stack, choices.playbook }

-- One line of JSON where that was asked for, else words.
local function say(ctx, object, text)
  ctx.out((ctx.opts.json and require("cso.std.json").encode(object, { sort = true }) or text) .. "\n")
end

local function with(...)
  return table.move(shared, 1, #shared, select("#", ...) + 1, { ... })
end

local function list(_, args, ctx)
  local store, e = open(ctx, ctx.opts)
  if not store then return nil, e end
  local plainly = require "cso.ui.plainly"
  local rows, objects = {}, {}
  for _, record in ipairs(store:resources()) do
    if not args[1] or record.address:match(matcher(args[1])) then
      rows[#rows + 1] = { record.address, record.type, record.id or "",
        record.status ~= "ready" and record.status or nil }
      objects[#objects + 1] = plainly { address = record.address, resource_type = record.type,
        id = record.id, status = record.status }
    end
  end
  if ctx.opts.json then
    local json = require "cso.std.json"
    for _, object in ipairs(objects) do ctx.out(json.encode(object) .. "\n") end
  else
    ctx.out(require("cso.std.text").table({ "ADDRESS", "TYPE", "ID" }, rows, ctx.paint.bold))
  end
  return 0
end

local function show(_, args, ctx)
  local store, e = open(ctx, ctx.opts)
  if not store then return nil, e end
  local record = store:get(args[1])
  if not record then return unknown(store, args[1]) end
  local plain = require("cso.ui.plainly")(record)
  if ctx.opts.json then
    ctx.out(require("cso.std.json").encode(plain, { indent = 2, sort = true }) .. "\n")
  else
    ctx.out(table.concat(require("cso.ui.show").block(plain), "\n") .. "\n")
  end
  return 0
end

local function remove(_, args, ctx)
  ctx.opts.lock = "state rm"
  local store, e = open(ctx, ctx.opts)
  if not store then return nil, e end
  local addresses
  addresses, e = require("cso.cmd.state.leave").chosen(store, args, matcher, unknown)
  if not addresses then return nil, e end
  -- Who dies in the midst of it has forgotten nothing, and can say the same again.
  store:together(function()
    for _, address in ipairs(addresses) do store:remove(address) end
    store:advance()
  end)
  for _, address in ipairs(addresses) do
    say(ctx, { type = "forgotten", address = address }, ("%s is forgotten; it stays in the account"):format(address))
  end
  return 0
end

local function move_away(args, ctx)
  local moved, e = require("cso.cmd.state.leave").run(ctx, args, matcher, unknown)
  if not moved then return nil, e end
  for _, address in ipairs(moved.addresses) do
    say(ctx, { type = "moved", from = address, to = address, from_stack = moved.from, to_stack = ctx.opts.to },
      ("%s is of stack %s from now on; declare it there"):format(address, ctx.opts.to))
  end
  return 0
end

local function move(_, args, ctx)
  if ctx.opts.to then return move_away(args, ctx) end
  if #args ~= 2 then
    return nil, require("cso.std.err").new { code = "missing_argument", class = "usage",
      message = "state mv needs FROM and TO", hint = "csorun state mv FROM TO, or csorun state mv ADDRESS … --to STACK" }
  end
  ctx.opts.lock = "state mv"
  local store, e = open(ctx, ctx.opts)
  if not store then return nil, e end
  local from, to = args[1], args[2]
  local record = store:get(from)
  if not record then return unknown(store, from) end
  local why = require("cso.playbook.names").fault(to, record.type)
  if why then
    return nil, require("cso.std.err").new { code = "address", class = "usage",
      message = ("%s can't become %s: nothing could be declared there"):format(from, to), hint = why }
  end
  local run = store:begin_run { command = "state mv", who = ctx:who() }
  local moved
  moved, e = store:move(from, to, run)
  store:end_run(run, { counts = { move = moved and 1 or 0 }, failed = moved and 0 or 1 })
  if not moved then return nil, e end
  store:advance()
  say(ctx, { type = "moved", from = from, to = to }, ("%s is %s from now on; declare it there"):format(from, to))
  return 0
end

-- Whole states are another file's, which is loaded when it is needed.
local function later(name)
  return function(...) return require("cso.cmd.state.transfer")[name](...) end
end

return {
  name = "state",
  help = "Look at what csorun remembers of a stack, or forget parts of it",
  commands = {
    { name = "list", help = "List the addresses, with types and ids", waits = true, run = list,
      args = { { name = "PATTERN", optional = true } }, options = with() },
    { name = "show", help = "Show everything that is known of one address", waits = true, run = show,
      args = { { name = "ADDRESS" } }, options = with() },
    { name = "mv", help = "Give an address another name, or addresses to another stack", waits = true,
      run = move, args = { { name = "FROM" }, { name = "TO", optional = true, many = true } },
      options = with { long = "to", value = "STACK", help = "move all the addresses named (with *, too) to this stack" } },
    { name = "rm", help = "Forget addresses (* matches); what they stand for stays in the account", waits = true,
      run = remove, args = { { name = "ADDRESS", many = true } }, options = with() },
    { name = "pull", help = "Write the whole state into a file", waits = true, run = later "pull",
      args = { { name = "FILE", optional = true, complete = "file" } },
      options = with({ long = "serial", value = "N", kind = "integer", help = "an earlier version: see csorun state versions" },
        { long = "clear", help = "not encrypted, even where CSORUN_ENCRYPT is set" }) },
    { name = "push", help = "Put a file in the place of the state: a pulled one, a backup, what a run left", waits = true,
      run = later "push", args = { { name = "FILE", complete = "file" } },
      options = with { long = "force", value = "ID",
        help = "even an older one or another's; ID: lineage of the state that is given up" } },
    { name = "rebuild", help = "Make the state anew from the ownership tags in the account", waits = true,
      run = function(...) return require "cso.cmd.state.rebuild"(...) end,
      args = { { name = "PLAYBOOK", optional = true, complete = "file" } },
      options = with({ long = "out", short = "o", value = "FILE", complete = "file",
        help = "write it into FILE, and leave the present state alone" },
        { long = "force", value = "ID", help = "in the place of a present state, whose lineage ID is" }) },
    { name = "versions", help = "List the versions of the state that are kept", waits = true, run = later "versions",
      options = with() },
  },
}
