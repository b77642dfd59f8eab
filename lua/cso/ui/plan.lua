--- A plan for people: each action with its reason and its changes, then one line that sums up.
local lazy = require "cso.std.lazy"
local change = lazy "cso.ui.change"
local deep = require "cso.std.deep"
local show = lazy "cso.ui.show"
local term = require "cso.ui.term"

local render = {}

--- How each action looks: symbol, colour, words in the list, words in the summary.
render.actions = {
  create = { sign = "  +", color = "green", text = "create", sum = "to create" },
  update = { sign = "  ~", color = "yellow", text = "update in place", sum = "to update" },
  replace = { sign = "-/+", color = "red", text = "replace", sum = "to replace" },
  delete = { sign = "  -", color = "red", text = "delete", sum = "to delete" },
  adopt = { sign = " <+", color = "cyan", text = "adopt the existing one", sum = "to adopt" },
  forget = { sign = "  .", color = "magenta", text = "forget, it stays in the account",
    sum = "to forget" },
  read = { sign = " <=", color = "cyan", text = "read", sum = "to read" },
  run = { sign = "  >", color = "cyan", text = "run", sum = "to run" },
}
render.order = { "create", "update", "replace", "delete", "adopt", "forget", "read", "run" }

-- The list ends where the question is asked, so what can hurt stands last.
local rank = { read = 1, create = 2, run = 3, adopt = 4, forget = 5, update = 6, replace = 7, delete = 8 }

-- A first plan of a large stack is all creations; beyond this many their properties are left out.
local MANY_CREATIONS = 40

-- So many of those that need a lost thing are named.
local MANY_USERS = 6

local function property_lines(action, pad, paint, out)
  local changes = action.changes or {}
  if #changes > 0 then
    for _, c in ipairs(changes) do change.added(c, pad, paint, out) end
    return
  end
  for path, after in deep.sorted_pairs(action.after or {}) do
    change.added({ path = tostring(path), after = after }, pad, paint, out)
  end
end

local function reason_text(reason)
  if type(reason) ~= "table" then return tostring(reason) end
  return reason.message or reason.text or tostring(reason[1] or reason.code or "")
end

local function heading(action, look, paint, place)
  local sign, text = look.sign, look.text
  if action.action == "replace" then
    local create_first = action.replace_order == "create_first"
    sign = create_first and "+/-" or "-/+"
    text = create_first and "replace (create the new one first)"
      or "replace (delete the old one first)"
  end
  local region = action.region
  -- A region of its own is said: the others are where the plan is for.
  local away = region and place and not place:find(region, 1, true)
  return ("%s %s  %s%s"):format(paint[look.color](sign), paint.bold(action.address), paint[look.color](text),
    away and paint.dim(" in " .. term.clean(region)) or "")
end

local bodies = {
  create = property_lines,
  adopt = property_lines,
  update = function(action, pad, paint, out)
    for _, c in ipairs(action.changes or {}) do change.lines(c, pad, paint, out) end
  end,
}
bodies.replace = bodies.update

--- Appends the lines of one action.
---@param action table
---@param paint cso.ui.Paint
---@param out string[]
---@param short boolean?  the heading only
---@param place string?   where the plan is for
function render.action(action, paint, out, short, place)
  local look = render.actions[action.action]
  out[#out + 1] = heading(action, look, paint, place)
  for _, what in ipairs(action.keeps or {}) do out[#out + 1] = ("      keeps %s"):format(term.clean(what)) end
  for _, what in ipairs(action.loses or {}) do
    out[#out + 1] = ("      %s %s"):format(paint.red("loses for good"), term.clean(what))
  end
  if action.theirs then
    out[#out + 1] = ("      %s its tags say that it is %s"):format(paint.red("somebody else's:"), term.clean(action.theirs))
  end
  if short then return end
  for _, reason in ipairs(action.reasons or {}) do
    out[#out + 1] = "      " .. paint.dim("because ") .. term.clean(reason_text(reason))
  end
  local users = action.affects or {}
  if #users > 0 then
    local named = table.concat(users, ", ", 1, math.min(#users, MANY_USERS))
    if #users > MANY_USERS then
      named = ("%s and %s%d more"):format(named, action.affects_more and "at least " or "", #users - MANY_USERS)
    end
    out[#out + 1] = "      " .. paint.red("needed by ") .. named
  end
  local body = bodies[action.action]
  if body then body(action, "      ", paint, out) end
end

--- "3 to create, 1 to replace", or nil when nothing is to be done.
---@param counts table<string, integer>
---@param paint cso.ui.Paint
---@return string?
function render.counts(counts, paint)
  local parts = {}
  for _, name in ipairs(render.order) do
    local n = counts[name] or 0
    if n > 0 then
      local look = render.actions[name]
      parts[#parts + 1] = paint[look.color](("%d %s"):format(n, look.sum))
    end
  end
  if #parts == 0 then return nil end
  return table.concat(parts, ", ")
end

local function output_lines(changes, paint, out)
  if not changes or #changes == 0 then return end
  out[#out + 1] = ""
  out[#out + 1] = paint.bold("Outputs:")
  for _, c in ipairs(changes) do change.lines(c, "  ", paint, out) end
end

local function check_lines(checks, paint, out)
  for _, check in ipairs(checks or {}) do
    out[#out + 1] = ""
    out[#out + 1] = ("%s %s"):format(paint.bold(paint.red("check failed:")),
      term.clean(check.text or ""))
    if check.where then
      local where = check.where
      if type(where) == "table" then where = ("%s:%s"):format(where.file, where.line) end
      out[#out + 1] = paint.dim("  at ") .. where
    end
    if check.hint then out[#out + 1] = paint.cyan("  hint: ") .. term.clean(check.hint) end
  end
end

local function move_lines(moves, paint, out)
  for i, one in ipairs(moves or {}) do
    if i == 1 then out[#out + 1] = "" end
    out[#out + 1] = ("%s %s  %s"):format(paint.cyan(" =>"), paint.bold(one.to), paint.cyan("is what was " .. one.from))
  end
end

local function shown_actions(plan)
  local shown = {}
  for _, action in ipairs((plan.counts.noop or 0) < #plan.actions and plan.actions or shown) do
    if render.actions[action.action] then shown[#shown + 1] = action end
  end
  table.sort(shown, function(a, b)
    local ra, rb = rank[a.action], rank[b.action]
    if ra ~= rb then return ra < rb end
    return a.address < b.address
  end)
  return shown
end

-- Where the changes are, when there are too many to see it at once.
local function module_line(shown, paint)
  local counts, names = {}, {}
  for _, action in ipairs(shown) do
    local name = action.address:match("^([^/]+)/") or "(top)"
    if not counts[name] then
      counts[name] = 0
      names[#names + 1] = name
    end
    counts[name] = counts[name] + 1
  end
  if #shown < 20 or #names < 2 then return nil end
  table.sort(names)
  for i, name in ipairs(names) do names[i] = ("%s %d"):format(name, counts[name]) end
  return paint.dim("  by module: " .. table.concat(names, ", "))
end

local function is_short(action, plan, opts)
  if opts.detail == "full" then return false end
  if opts.destroy or opts.detail == "short" then return true end
  return action.action == "create" and (plan.counts.create or 0) > MANY_CREATIONS
end

local function action_lines(shown, plan, opts, out)
  local paint, left_out, was_short = opts.paint, 0, false
  for i, action in ipairs(shown) do
    local short = is_short(action, plan, opts)
    if not (short and was_short) or i == 1 then out[#out + 1] = "" end
    render.action(action, paint, out, short, opts.place)
    if short and action.action == "create" and opts.detail ~= "short" then left_out = left_out + 1 end
    was_short = short
  end
  if left_out > 0 then
    out[#out + 1] = ""
    out[#out + 1] = paint.dim(("  (%d creations without their properties; --full shows them)"):format(left_out))
  end
end

--- Renders the calls that a plan amounts to.
---@param list table[]   as `cso.kind.foresee` gives them, with the address
---@param paint cso.ui.Paint
---@return string
function render.calls(list, paint)
  local out, sum, names = { "", paint.bold("Calls that change something:") }, {}, {}
  for _, call in ipairs(list) do
    local text = call.operation and ("%s.%s"):format(call.service, call.operation)
      or ("%s: as its kind decides on its way"):format(call.service)
    out[#out + 1] = ("  %s  %s%s"):format(paint.bold(call.address), text,
      call.why and paint.dim(" (" .. term.clean(call.why) .. ")") or "")
    if not sum[text] then
      sum[text] = 0
      names[#names + 1] = text
    end
    sum[text] = sum[text] + 1
  end
  if #list == 0 then out[#out + 1] = "  none" end
  table.sort(names)
  if #names > 0 then out[#out + 1] = "" end
  for _, name in ipairs(names) do out[#out + 1] = ("  %4d × %s"):format(sum[name], name) end
  return table.concat(out, "\n") .. "\n"
end

--- Renders a plan.
---@param plan table   as `plan.make` returns it
---@param opts table  paint; stack and place (what is planned, where), quiet (the summary only), destroy,
---  detail: "full" or "short", else the properties of very many creations are left out
---@return string text, boolean empty
function render.plan(plan, opts)
  local paint, out = opts.paint, {}
  local shown = shown_actions(plan)
  local title = opts.stack and ("stack %s"):format(opts.stack) or "the stack"
  if opts.place then title = title .. " " .. paint.dim("(" .. opts.place .. ")") end
  local summary = render.counts(plan.counts, paint)
  local moves = plan.moves or {}
  if (#shown > 0 or #moves > 0) and not opts.quiet then
    out[#out + 1] = paint.bold("Plan for ") .. title .. ":"
    move_lines(moves, paint, out)
    action_lines(shown, plan, opts, out)
  end
  output_lines(plan.output_changes, paint, out)
  check_lines(plan.checks_failed, paint, out)
  if #out > 0 then out[#out + 1] = "" end
  if summary then
    local kept = (plan.counts.noop or 0)
    out[#out + 1] = paint.bold("Plan: ") .. summary
      .. (kept > 0 and paint.dim((", %d unchanged"):format(kept)) or "")
      .. ((plan.left_out or 0) > 0 and paint.dim((", %d left out"):format(plan.left_out)) or "") .. "."
    out[#out + 1] = module_line(shown, paint)
  elseif #moves > 0 then
    out[#out + 1] = paint.bold("Plan: ") .. ("%d moved, nothing else."):format(#moves)
  elseif plan.output_changes and #plan.output_changes > 0 then
    out[#out + 1] = paint.bold("Plan: ") .. "only outputs change."
  else
    local n, most = plan.counts.noop or 0, ""
    if n > 0 then most = (", %d resource%s"):format(n, n == 1 and "" or "s") end
    -- What was left out was not even looked at.
    local says = opts.destroy and " There is nothing in %s%s." or " What is there is what the playbook says: %s%s."
    if (plan.left_out or 0) > 0 then says = " What was chosen needs none: %s%s, " .. plan.left_out .. " left out." end
    out[#out + 1] = paint.bold(paint.green("No changes.")) .. says:format(title, most)
  end
  return table.concat(out, "\n") .. "\n", summary == nil
end

--- Renders outputs, sorted by name.
---@param outputs table<string, any>|{name: string, value: any}[]
---@param paint cso.ui.Paint
---@return string
function render.outputs(outputs, paint)
  local map = outputs
  if #outputs > 0 then
    map = {}
    for _, output in ipairs(outputs) do
      map[output.name] = output.sensitive and "(sensitive)" or output.value
    end
  end
  local out, width = {}, 0
  for name in pairs(map) do width = math.max(width, #name) end
  for name, v in deep.sorted_pairs(map) do
    local text = v == "(sensitive)" and v or show.inline(v)
    if text then
      out[#out + 1] = ("  %s = %s"):format(term.pad(name, width), text)
    else
      out[#out + 1] = ("  %s ="):format(name)
      local lines = show.block(v, "      ")
      table.move(lines, 1, #lines, #out + 1, out)
    end
  end
  if #out == 0 then return "" end
  return paint.bold("Outputs:") .. "\n" .. table.concat(out, "\n") .. "\n"
end

local function short(v) return v == nil and "nothing" or term.clean(show.inline(v, 400) or "(…)") end

--- What counts although it is not what is declared: deviations that somebody accepted, and what is declared
--- no longer without having anything to go back to.
---@param made table
---@param paint cso.ui.Paint
---@return string   empty when there are none
function render.accepted(made, paint)
  local out, nodes = {}, {}
  for address, node in pairs(made.nodes or {}) do
    if node.stays or node.accepted and #node.accepted > 0 then nodes[address] = node end
  end
  for address, node in deep.sorted_pairs(nodes) do
    for _, one in ipairs(node.stays or {}) do
      out[#out + 1] = paint.dim(("stays: %s.%s is %s, and is declared no longer%s\n"):format(address, one.path, short(one.now),
        one.fixed and (" (--replace %s makes it anew without)"):format(address) or ""))
    end
    for _, one in ipairs(node.accepted or {}) do
      out[#out + 1] = paint.dim(("accepted: %s.%s is %s, declared is %s\n"):format(address, one.path, short(one.now),
        short(one.was)))
    end
  end
  return table.concat(out)
end

return render
