--- csorun output [PLAYBOOK] [NAME]
local choices = require "cso.cmd.choices"

local function pick(outputs, name)
  local v = outputs[name]
  if v ~= nil then return v end
  local deep = require "cso.std.deep"
  local err = require "cso.std.err"
  local suggest = require "cso.std.suggest"
  local names = deep.keys(outputs)
  local near = suggest(name, names)
  return nil, err.new { code = "unknown_output", class = "usage",
    message = ("there is no output %s"):format(name),
    hint = near and ("did you mean %s?"):format(near)
      or #names > 0 and "there are " .. table.concat(names, ", ") or "the stack has no outputs" }
end

return {
  name = "output",
  help = "Show the outputs of a stack",
  args = { { name = "PLAYBOOK|WORKSPACE", optional = true, complete = "file" },
    { name = "NAME", optional = true } },
  options = { choices.all, choices.only, choices.stack, { long = "raw", help = "print one value as it is, without quotes" } },
  waits = true,
  run = function(opts, args, ctx)
    local all, wrong = require "cso.cmd.workspace.wanted"(opts)
    if wrong then return nil, wrong end
    if all then return require("cso.cmd.workspace").run(ctx, "output", args[1]) end
    local stack = require "cso.cmd.stack"
    local file, wanted = args[1], args[2]
    if file and not file:match("%.lua$") then file, wanted = nil, file end
    local name, e = stack.name(ctx, file, opts.stack)
    if not name then return nil, e end
    local store
    store, e = stack.open(ctx, name, {})
    if not store then return nil, e end
    local plainly = require "cso.ui.plainly"
    local outputs = plainly(store:outputs())
    local v = outputs
    if wanted then
      v, e = pick(outputs, wanted)
      if v == nil then return nil, e end
    end
    if opts.json then
      ctx.out(require("cso.std.json").encode(v, { indent = 2, sort = true }) .. "\n")
    elseif opts.raw and type(v) ~= "table" then
      ctx.out(tostring(v) .. "\n")
    elseif wanted then
      ctx.out(table.concat(require("cso.ui.show").block(v), "\n") .. "\n")
    else
      local text = require("cso.ui.plan").outputs(outputs, ctx.paint)
      ctx.out(text ~= "" and text or "The stack has no outputs.\n")
    end
    return 0
  end,
}
