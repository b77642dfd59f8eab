--- csorun import ADDRESS ID --playbook FILE, csorun import TYPE ID
local choices = require "cso.cmd.choices"

local function usage(code, message, hint)
  local err = require "cso.std.err"
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

local function options_of(ctx, store, name)
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

local function take_over(ctx, address, id)
  local kinds, stack, work = require "cso.kind", require "cso.cmd.stack", require "cso.cmd.work"
  local file = ctx.opts.playbook
  if not file then
    return usage("missing_option", "which playbook declares " .. address .. "?", "add --playbook FILE")
  end
  local name, program = stack.name(ctx, file)
  if not name then return nil, program end
  local decl, e = find_declaration(program, address)
  if not decl then return nil, e end
  local store, K, record
  K, e = kinds.of(decl.type, decl.properties)
  if not K then return nil, e end
  store, e = stack.open(ctx, name, { create = true, lock = "import" })
  if not store then return nil, e end
  local opts = options_of(ctx, store, name)
  opts.run = store:begin_run { command = "import", who = ctx:who() }
  record, e = require("cso.apply.adopt").one(opts, {
    address = address, type = decl.type, kind = K, target = decl.target, desired = desired_of(decl, store),
    depends = decl.depends, options = decl.options or {},
  }, id)
  store:end_run(opts.run, { counts = { adopt = record and 1 or 0 }, failed = record and 0 or 1 })
  if not record then return nil, e end
  store:advance()
  if not ctx.opts.json then
    ctx.out(("%s is %s from now on.\n\n"):format(record.id, address))
  end
  local job
  job, e = work.plan(ctx, { file = file, command = "plan" })
  return job and 0, e
end

local function word_of(type_name)
  return "cso." .. (type_name:gsub("^AWS::", "aws."):gsub("^cso%.", ""):gsub("::", "."))
end

local function short_of(type_name)
  return (type_name:gsub("^AWS::", ""):gsub("^cso%.", ""):gsub("::", "."))
end

--- A name for a declaration: --name, else what its Name tag says, else what it is.
local function name_for(ctx, type_name, model, K)
  local told = ctx.opts.name or K.tag_property and (model[K.tag_property] or {}).Name
    or type_name:match "(%w+)$":lower()
  return (told:gsub("[^%w_%-%.]+", "-"))
end

local function write_declaration(ctx, type_name, id)
  local adopt, kinds = require "cso.apply.adopt", require "cso.kind"
  local literal, stack = require "cso.ui.literal", require "cso.cmd.stack"
  local K, e = kinds.of(type_name, {})
  if not K then return nil, e end
  local store, name
  if ctx.opts.playbook or ctx.opts.stack or ctx.opts.state then
    name, e = stack.name(ctx, ctx.opts.playbook, ctx.opts.stack)
    if not name then return nil, e end
  else
    name = stack.name(ctx)
  end
  if name then store = stack.open(ctx, name, { memory = true }) end
  local r
  local opts = options_of(ctx, store, name or "")
  r, e = adopt.read(opts, { address = short_of(type_name) .. "." .. (ctx.opts.name or "?"), type = type_name,
    kind = K, target = {} }, id)
  if not r then return nil, e end
  local ok
  ok, e = adopt.is_free(opts, r)
  if not ok then return nil, e end
  local own_name = name_for(ctx, type_name, r.current, K)
  local address = short_of(type_name) .. "." .. own_name
  local source = ("%s %s %s"):format(word_of(type_name), literal.string(own_name),
    literal.of(adopt.properties(K, r.current)))
  if ctx.opts.json then
    ctx.out(require("cso.std.json").encode { type = "declaration", address = address, resource_type = type_name,
      id = r.id, source = source } .. "\n")
    return 0
  end
  ctx.out(("-- csorun import %s %s --playbook %s\n%s\n"):format(address, r.id, ctx.opts.playbook or "FILE", source))
  return 0
end

return {
  name = "import",
  help = "Take over what exists already, or write the Lua that declares it",
  args = { { name = "ADDRESS|TYPE" }, { name = "ID" } },
  options = {
    { long = "playbook", value = "FILE", complete = "file", help = "the playbook that declares ADDRESS" },
    { long = "name", value = "NAME", help = "the name in the written declaration" },
    { long = "take", help = "even when another stack's ownership tags are on it" },
    choices.stack, choices.full, choices.short,
  },
  waits = true,
  run = function(_, args, ctx)
    local what, id = args[1], args[2]
    if what:find("::", 1, true) then return write_declaration(ctx, what, id) end
    return take_over(ctx, what, id)
  end,
}
