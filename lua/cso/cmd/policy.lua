--- csorun policy list | show ID | test FILE
local err = require "cso.std.err"

local verbs = {}

local function all(ctx)
  local judge = require "cso.cmd.judge"
  local rules, e = judge.rules(ctx, { policy = { builtin = true } })
  if not rules then return nil, e end
  table.sort(rules, function(a, b) return a.id < b.id end)
  return rules
end

local function level_of(rule) return rule.deny and "deny" or rule.warn and "warn" or "fix" end

local function short(types)
  local out = {}
  for i, name in ipairs(types) do out[i] = name:gsub("^AWS::", ""):gsub("::", ".") end
  return table.concat(out, ", ")
end

local function plain(rule)
  return { id = rule.id, title = rule.title, level = level_of(rule), severity = rule.severity, on = rule.on, why = rule.why,
    hint = rule.hint, where = rule.where, proposes = rule.fix ~= nil and level_of(rule) ~= "fix" }
end

function verbs.list(opts, _, ctx)
  local rules, e = all(ctx)
  if not rules then return nil, e end
  local rows, objects = {}, {}
  for i, rule in ipairs(rules) do
    rows[i] = { rule.id, level_of(rule), rule.severity, rule.title }
    objects[i] = plain(rule)
  end
  if opts.json then
    ctx.out(require("cso.std.json").encode(objects, { indent = 2, sort = true }) .. "\n")
  else
    ctx.out(require("cso.std.text").table({ "rule", "level", "severity", "title" }, rows))
  end
  return 0
end

local function example_text(example)
  local literal, out, addresses = require "cso.std.literal", {}, {}
  for address in pairs(example) do
    if address ~= "production" then addresses[#addresses + 1] = address end
  end
  table.sort(addresses)
  for _, address in ipairs(addresses) do
    local properties = {}
    for name, v in pairs(example[address]) do
      if name ~= "needs" then properties[name] = v end
    end
    local type_name, name = address:match("^(.+)%.([^.]+)$")
    out[#out + 1] = ("  %s %q %s"):format(type_name, name, (literal.of(properties):gsub("\n", "\n  ")))
  end
  return table.concat(out, "\n")
end

function verbs.show(opts, id, ctx)
  local rules, e = all(ctx)
  if not rules then return nil, e end
  local rule = rules.by_id[id] or rules.by_id[id:upper()]
  if not rule then
    local ids = {}
    for i, one in ipairs(rules) do ids[i] = one.id end
    local near = require "cso.std.suggest"(id:upper(), ids)
    return nil, err.new { code = "unknown_rule", class = "usage", message = "there is no rule " .. id,
      hint = near and ("did you mean %s?"):format(near) or "csorun policy list shows all of them" }
  end
  if opts.json then
    ctx.out(require("cso.std.json").encode(plain(rule), { indent = 2, sort = true }) .. "\n")
    return 0
  end
  local paint = ctx.paint
  ctx.out(("%s  %s\n%s, %s, on %s\n"):format(paint.bold(rule.id), rule.title, level_of(rule), rule.severity, short(rule.on)))
  if rule.why then ctx.out("\nWhy: " .. rule.why .. "\n") end
  if rule.hint then ctx.out("Do:  " .. rule.hint .. "\n") end
  if rule.good then ctx.out("\nKept:\n" .. example_text(rule.good) .. "\n") end
  if rule.bad then ctx.out("\nNot kept:\n" .. example_text(rule.bad) .. "\n") end
  return 0
end

-- Runs the examples of the rules of a file.
function verbs.test(_, file, ctx)
  local judge, policy, pack = require "cso.cmd.judge", require "cso.policy", require "cso.policy.pack"
  local rules, e
  if not file or file == "builtin" then rules = pack.rules() else rules, e = judge.file(ctx, file) end
  if not rules then return nil, e end
  local bad = 0
  local function ask(rule, name, expected)
    local example = rule[name]
    if not example then
      ctx.out(("%s %s: no example\n"):format(rule.id, name))
      return true
    end
    local resources, production = pack.resources(example)
    local found
    if rule.deny or rule.warn then
      found, e = policy.judge { rules = { rule }, resources = resources, production = production }
    else
      found, e = policy.try_fix { rules = { rule }, resources = resources, production = production }
    end
    if not found then return nil end
    if (#found > 0) ~= expected then
      bad = bad + 1
      ctx.out(("%s %s: %s\n"):format(rule.id, name, expected and "the rule finds nothing" or "the rule finds: " .. found[1].text))
    end
    return true
  end
  for _, rule in ipairs(rules) do
    if not ask(rule, "good", false) or not ask(rule, "bad", true) then return nil, e end
  end
  ctx.out(("%d rules, %d wrong\n"):format(#rules, bad))
  return bad == 0 and 0 or require("cso.cmd.exit").codes.policy
end

local options = { require("cso.cmd.choices").policy }

local function verb(name, arg, help)
  return { name = name, help = help, args = arg and { arg } or {}, options = options, waits = true,
    run = function(opts, args, ctx) return verbs[name](opts, args[1], ctx) end }
end

return {
  name = "policy",
  help = "Show and test the rules that plans are judged by",
  commands = {
    verb("list", nil, "List the rules"),
    verb("show", { name = "ID" }, "Show one rule: why it is there, what to write, examples"),
    verb("test", { name = "FILE", optional = true, complete = "file" },
      "Run the examples of the rules of a file (without one: of the built-in pack)"),
  },
}
