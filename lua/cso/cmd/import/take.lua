--- Taking over what a playbook declares: what exists gets this stack's ownership tags and is remembered.
local err = require "cso.std.err"

local take = {}

local function usage(code, message, hint)
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

--- What apply.adopt needs to know.
---@param ctx cso.cmd.Context
---@param store cso.Store?
---@param name string
---@return table
function take.options(ctx, store, name)
  return {
    state = store, session = ctx.session, stack = name, take = ctx.opts.take, sleep = ctx.sleep, now = ctx.now,
    identity = function(target) return ctx.session:identity(target) end,
  }
end

--- The declared properties, with what they refer to taken from the state.
local function desired_of(decl, store)
  local deep = require "cso.std.deep"
  local value = require "cso.std.value"
  return value.resolve(decl.properties, function(address, path)
    local record = store:get(address)
    local v = record and deep.get(record.attributes, path)
    if v ~= nil then return v end
    return value.unknown { from = address, path = path }
  end)
end

local function find_declaration(program, address)
  local decl = program.by_address[address]
  if decl and decl.form == "resource" then return decl end
  if decl then return usage("no_resource", address .. " is a step; only resources can be imported") end
  local suggest = require "cso.std.suggest"
  local names = {}
  for name in pairs(program.by_address) do names[#names + 1] = name end
  table.sort(names)
  local near = suggest(address, names)
  return usage("unknown_address", ("%s declares no %s"):format(program.file, address),
    near and ("did you mean %s?"):format(near)
      or "declare it first; csorun import TYPE ID writes the declaration for you")
end

--- The declarations that are meant, in the order in which they were declared: what is referred to is
--- remembered before what refers to it.
local function declarations_of(program, list)
  local place, chosen = {}, {}
  for i, decl in ipairs(program.declarations) do place[decl.address] = i end
  for _, one in ipairs(list) do
    local decl, e = find_declaration(program, one.address)
    if not decl then return nil, e end
    if chosen[one.address] then return usage("twice", one.address .. " is named twice") end
    chosen[one.address] = true
    one.decl = decl
  end
  table.sort(list, function(a, b) return place[a.address] < place[b.address] end)
  return list
end

--- Takes over a list of things. One that can't be is told, and the others are taken all the same.
---@param ctx cso.cmd.Context
---@param job { name: string, program: table, command: string? }
---@param list { address: string, id: string }[]
---@return { taken: table[], failed: { address: string, err: cso.Err }[] }? result
---@return cso.Err?
function take.over(ctx, job, list)
  local kinds, stack = require "cso.kind", require "cso.cmd.stack"
  local adopt, task = require "cso.apply.adopt", require "cso.task"
  local chosen, e = declarations_of(job.program, list)
  if not chosen then return nil, e end
  local store
  store, e = stack.open(ctx, job.name, { create = true, lock = "import" })
  if not store then return nil, e end
  local opts = take.options(ctx, store, job.name)
  opts.run = store:begin_run { command = "import", who = ctx:who() }
  local result = { taken = {}, failed = {} }
  for _, one in ipairs(chosen) do
    local decl = one.decl
    local record
    local K, wrong = kinds.of(decl.type, decl.properties)
    if K then
      local fine, a, b = task.try(adopt.one, opts, { address = one.address, type = decl.type, kind = K, target = decl.target,
        desired = desired_of(decl, store), depends = decl.depends, options = decl.options or {} }, one.id)
      if fine then record, wrong = a, b else wrong = err.wrap(a) end
    end
    if record then
      result.taken[#result.taken + 1] = record
    else
      result.failed[#result.failed + 1] = { address = one.address, err = wrong }
    end
  end
  store:end_run(opts.run, { counts = { adopt = #result.taken }, failed = #result.failed })
  if #result.taken > 0 then store:advance() end
  return result
end

--- csorun import ADDRESS ID … --playbook FILE
---@param ctx cso.cmd.Context
---@param list { address: string, id: string }[]
---@return integer? exit, cso.Err?
function take.named(ctx, list)
  local stack, work = require "cso.cmd.stack", require "cso.cmd.work"
  local file = ctx.opts.playbook
  if not file then
    return usage("missing_option", "which playbook declares " .. list[1].address .. "?", "add --playbook FILE")
  end
  local name, program = stack.name(ctx, file)
  if not name then return nil, program end
  local result, e = take.over(ctx, { name = name, program = program }, list)
  if not result then return nil, e end
  if #result.failed > 0 and #list == 1 then return nil, result.failed[1].err end
  if not ctx.opts.json then
    for _, record in ipairs(result.taken) do ctx.out(("%s is %s from now on.\n"):format(record.id, record.address)) end
    for _, one in ipairs(result.failed) do ctx.out(("%s was not taken: %s\n"):format(one.address, one.err.message)) end
    ctx.out("\n")
  end
  local job
  job, e = work.plan(ctx, { file = file, command = "plan" })
  if not job then return nil, e end
  if #result.failed > 0 then
    return nil, err.new { code = "import", class = result.failed[1].err.class or "service",
      message = ("%d of %d were not taken over: %s"):format(#result.failed, #list, result.failed[1].err.message),
      hint = result.failed[1].err.hint }
  end
  return 0
end

return take
