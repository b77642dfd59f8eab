--- csorun import --all, --tag, --vpc, --type: what the account has, as a playbook.
local err = require "cso.std.err"

---@param ctx cso.cmd.Context
---@return integer? exit, cso.Err?
return function(ctx)
  local filter, import = require "cso.import.filter", require "cso.import"
  local opts, region = ctx.opts, ctx.session:region()
  local types, unmatched = import.types(opts.type)
  if #unmatched > 0 then
    local short = {}
    for i, name in ipairs((import.types())) do short[i] = name:gsub("^AWS::", ""):gsub("::", ".") end
    local near = require("cso.std.suggest")(unmatched[1], short)
    return nil, err.new { code = "unknown_type", class = "usage", message = "--type " .. unmatched[1] .. " matches no type",
      hint = near and ("did you mean %s?"):format(near) or "csorun doc lists the types" }
  end
  local found = import.find { session = ctx.session, types = types, target = { region = region }, stack = opts.stack,
    sleep = ctx.sleep, now = ctx.now }
  found.items = filter.apply(found.items, { tags = filter.tags(opts.tag or {}), vpc = opts.vpc })
  -- With a filter, what AWS made by itself elsewhere is no news.
  if opts.tag or opts.vpc then found.left = {} end
  return require("cso.cmd.import.write")(ctx, found, ("What csorun import found in %s."):format(region))
end
