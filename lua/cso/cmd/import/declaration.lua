--- csorun import TYPE ID: the declaration of one thing, to be pasted into a playbook.
local err = require "cso.std.err"
local take = require "cso.cmd.import.take"

local function word_of(type_name)
  return "cso." .. (type_name:gsub("^AWS::", "aws."):gsub("^cso%.", ""):gsub("::", "."))
end

--- The stack that would take it, when it is known, so that what it has already is refused.
local function store_of(ctx)
  local stack = require "cso.cmd.stack"
  local name, e = stack.name(ctx, ctx.opts.playbook, ctx.opts.stack)
  if not name and (ctx.opts.playbook or ctx.opts.stack or ctx.opts.state) then return nil, e end
  return name or "", name and stack.open(ctx, name, { memory = true }) or nil
end

---@param ctx cso.cmd.Context
---@param type_name string
---@param id string
---@return integer? exit, cso.Err?
return function(ctx, type_name, id)
  local adopt, kinds = require "cso.apply.adopt", require "cso.kind"
  local declared, literal, names = require "cso.import.declared", require "cso.std.literal", require "cso.import.names"
  local whole = require "cso.import.whole"
  local K, e = kinds.of(type_name, {})
  if not K then return nil, e end
  local stack_name, store = store_of(ctx)
  if not stack_name then return nil, store end
  local opts = take.options(ctx, store, stack_name)
  local r
  r, e = whole.read(opts, { type = type_name, id = id, kind = K })
  if not r then return nil, e end
  if not r.current then
    return nil, err.new { code = "not_found", class = "usage",
      message = ("there is no %s with the id %s"):format(type_name, id),
      hint = ("%s is named by its %s; is it in this region?"):format(type_name, K.id_name or "identifier") }
  end
  local item = { type = type_name, id = r.id, kind = K, model = r.current, tags = r.owner_tags, name = ctx.opts.name }
  names.give { item }
  r.address = names.address(item)
  local ok
  ok, e = adopt.is_free(opts, r)
  if not ok then return nil, e end
  local never = declared.refusal(K, r.current)
  if never then
    return nil, err.new { code = "not_declarable", class = "usage",
      message = ("%s %s can't be declared: %s"):format(type_name, r.id, never),
      hint = "it can stay as it is: a playbook may name it, or read it with cso.api" }
  end
  local properties, hidden = declared.properties(K, r.current)
  local start = ("%s %s "):format(word_of(type_name), literal.string(item.called))
  local source = start .. literal.of(properties, "", #start)
  if ctx.opts.json then
    ctx.out(require("cso.std.json").encode { type = "declaration", address = r.address, resource_type = type_name,
      id = r.id, source = source } .. "\n")
    return 0
  end
  for _, name in ipairs(hidden) do ctx.out(("-- %s is not shown by AWS\n"):format(name)) end
  ctx.out(("-- csorun import %s '%s' --playbook %s\n%s\n"):format(r.address, r.id, ctx.opts.playbook or "FILE", source))
  return 0
end
