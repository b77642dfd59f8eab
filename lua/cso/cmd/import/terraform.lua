--- csorun import --from terraform.tfstate: what Terraform looks after, as a playbook.
local err = require "cso.std.err"
local fs = require "cso.std.fs"

---@param ctx cso.cmd.Context
---@return integer? exit, cso.Err?
return function(ctx)
  local find, state = require "cso.import.terraform.find", require "cso.import.terraform.state"
  local path = ctx.opts.from
  local text, e = fs.read(path == "-" and "/dev/stdin" or path)
  if not text then
    return nil, err.new { code = "no_file", class = "usage", message = ("can't read %s: %s"):format(path, e.message),
      hint = "a state that lies elsewhere: terraform state pull > terraform.tfstate" }
  end
  local things
  things, e = state.read(path, text)
  if not things then return nil, e end
  local found = find({ session = ctx.session, stack = ctx.opts.stack, sleep = ctx.sleep, now = ctx.now,
    region = ctx.session:region() }, things)
  return require("cso.cmd.import.write")(ctx, found, ("What %s named, read from the account by csorun import."):format(
    path:match("([^/]+)$")))
end
