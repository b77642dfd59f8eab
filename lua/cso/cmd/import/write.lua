--- A playbook written from what was found: shown, or saved and what it declares taken over.
local err = require "cso.std.err"
local fs = require "cso.std.fs"

local function usage(code, message, hint)
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

local function short(type_name) return (type_name:gsub("^AWS::", ""):gsub("::", ".")) end

local function tell_left(ctx, found)
  if ctx.opts.json then return end
  if #found.left > 0 then
    ctx.note(("\nNot imported (%d):\n"):format(#found.left))
    for _, one in ipairs(found.left) do
      ctx.note(("  %s %s: %s\n"):format(short(one.type), one.id, one.reason))
    end
  end
  if #(found.refused or {}) > 0 then
    ctx.note("\nCould not be listed:\n")
    for _, one in ipairs(found.refused) do ctx.note(("  %s: %s\n"):format(short(one.type), one.reason)) end
  end
end

local function tell_json(ctx, order, found)
  local json = require "cso.std.json"
  for _, item in ipairs(order) do
    ctx.out(json.encode { type = "found", address = item.address, resource_type = item.type, id = item.id } .. "\n")
  end
  for _, one in ipairs(found.left) do
    ctx.out(json.encode { type = "left", resource_type = one.type, id = one.id, reason = one.reason } .. "\n")
  end
  for _, one in ipairs(found.refused or {}) do
    ctx.out(json.encode { type = "refused", resource_type = one.type, reason = one.reason } .. "\n")
  end
end

--- What another stack looks after, or this one has already, is no one's to import.
local function drop_owned(ctx, found, name, store)
  if ctx.opts.take then return end
  local kept, mine, theirs = {}, {}, {}
  for _, record in ipairs(store and store:resources() or {}) do mine[record.type .. "\0" .. record.id] = record.address end
  for _, item in ipairs(found.items) do
    local owner = (item.tags or {})["cso:stack"]
    theirs[item] = owner and owner ~= name and owner or nil
  end
  require("cso.import.filter").with_parts(found.items, theirs)
  for _, item in ipairs(found.items) do
    local owner = theirs[item]
    local reason = mine[item.type .. "\0" .. item.id] and ("this stack has it already, as %s"):format(
      mine[item.type .. "\0" .. item.id])
      or owner == true and "it is a part of what another stack looks after"
      or owner and ("the stack %s looks after it; --take takes it away from there"):format(owner)
    if reason then
      found.left[#found.left + 1] = { type = item.type, id = item.id, reason = reason }
    else
      kept[#kept + 1] = item
    end
  end
  found.items = kept
end

local function stack_name(ctx)
  if ctx.opts.stack then return ctx.opts.stack end
  local base = (ctx.opts.out or "imported.lua"):match("([^/]+)$"):gsub("%.lua$", "")
  return (base:gsub("[^%w._-]", "-"))
end

local function confirmed(ctx, n, name)
  return require "cso.cmd.ask"(ctx, ("Take %d resources over into stack %s and write its tags on them?"):format(n, name),
    "import writes ownership tags, asks before it does")
end

local function take_over(ctx, name, order, text)
  local stack, take, work = require "cso.cmd.stack", require "cso.cmd.import.take", require "cso.cmd.work"
  local out = ctx.opts.out
  local ok, e = fs.write_atomic(out, text, 420) -- 0644: a playbook, and it holds no secret
  if not ok then return nil, err.new { code = "io", class = "config", message = ("%s: %s"):format(out, e.message) } end
  local _, program = stack.name(ctx, out)
  if program == nil or program.code then return nil, program end
  local list = {}
  for i, item in ipairs(order) do list[i] = { address = item.address, id = item.id } end
  local result
  result, e = take.over(ctx, { name = name, program = program }, list)
  if not result then return nil, e end
  if not ctx.opts.json then
    ctx.out(("%s declares %d resources; %d were taken over.\n"):format(out, #order, #result.taken))
    for _, one in ipairs(result.failed) do ctx.out(("  %s was not: %s\n"):format(one.address, one.err.message)) end
    ctx.out("\n")
  end
  local job
  job, e = work.plan(ctx, { file = out, command = "plan" })
  if not job then return nil, e end
  if #result.failed > 0 then return nil, result.failed[1].err end
  return 0
end

--- Writes what was found.
---@param ctx cso.cmd.Context
---@param found { items: table[], left: table[], refused: table[]?, split: table }
---@param title string   the first line of the playbook
---@return integer? exit, cso.Err?
return function(ctx, found, title)
  local import, stack = require "cso.import", require "cso.cmd.stack"
  local out, name = ctx.opts.out, stack_name(ctx)
  if out and not out:match("%.lua$") then
    return usage("not_a_playbook", out .. " is no name for a playbook", "--out " .. out .. ".lua")
  end
  if out and fs.read(out) then
    return usage("exists", out .. " is there already, and import writes over nothing", "name another file")
  end
  drop_owned(ctx, found, name, stack.open(ctx, name, { memory = true }))
  local text, order = import.write(found, { stack = name, region = ctx.session:region(), title = title })
  if #order == 0 then
    tell_left(ctx, found)
    return usage("nothing", "nothing was found that can be imported")
  end
  if ctx.opts.json then tell_json(ctx, order, found) elseif not out then ctx.out(text) end
  tell_left(ctx, found)
  if not out then return 0 end
  local yes, e = confirmed(ctx, #order, name)
  if not yes then return e == nil and 1 or nil, e end
  return take_over(ctx, name, order, text)
end
