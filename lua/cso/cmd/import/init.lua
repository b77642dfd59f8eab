--- csorun import: by id, one or many; by tags, a VPC or everything; from another program's state.
local choices = require "cso.cmd.choices"

local function usage(code, message, hint)
  local err = require "cso.std.err"
  return nil, err.new { code = code, class = "usage", message = message, hint = hint }
end

--- Pairs of words: an address and an id each.
local function pairs_of(words)
  if #words == 0 or #words % 2 ~= 0 then
    return usage("missing_argument", #words == 0 and "import what?" or words[#words] .. " is named without its id",
      "csorun import ADDRESS ID [ADDRESS ID …] --playbook FILE, or csorun import --all")
  end
  local list = {}
  for i = 1, #words, 2 do list[#list + 1] = { address = words[i], id = words[i + 1] } end
  return list
end

--- A list of what to import: a line each, address and id; "#" begins a comment.
local function read_list(path)
  local text, e = require("cso.std.fs").read(path == "-" and "/dev/stdin" or path)
  if not text then return usage("no_file", ("can't read the list %s: %s"):format(path, e.message)) end
  local list, number = {}, 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    local words = line:gsub("#.*$", "")
    local address, id, more = words:match("^%s*(%S+)%s+(%S+)%s*(.-)$")
    if more and more ~= "" or not address and words:match("%S") then
      return usage("bad_list", ("%s:%d: a line is an address and an id"):format(path, number))
    end
    if address then list[#list + 1] = { address = address, id = id } end
  end
  if #list == 0 then return usage("bad_list", path .. " names nothing to import") end
  return list
end

return {
  name = "import",
  help = "Take over what exists already, or write the Lua that declares it",
  usage = "[ADDRESS ID … | TYPE ID | --all | --tag TAG | --vpc ID | --from FILE]",
  args = { { name = "ADDRESS|TYPE ID", many = true, optional = true } },
  options = {
    { long = "playbook", value = "FILE", complete = "file", help = "the playbook that declares ADDRESS" },
    { long = "list", value = "FILE", complete = "file", help = "take addresses and ids from FILE, a pair a line" },
    { long = "name", value = "NAME", help = "the name in the written declaration" },
    { long = "all", help = "all that the account has in this region" },
    { long = "tag", value = "KEY[=VALUE]", many = true, help = "what bears this tag; * matches; may be repeated" },
    { long = "vpc", value = "ID", help = "what stands in this VPC" },
    { long = "type", value = "TYPE", many = true, help = "only this type, as EC2.Subnet; * matches; may be repeated" },
    { long = "from", value = "FILE", complete = "file", help = "what a terraform.tfstate (version 4) names" },
    { long = "out", short = "o", value = "FILE", complete = "file",
      help = "write the playbook to FILE and take over what it declares" },
    { long = "take", help = "even when another stack's ownership tags are on it" },
    choices.stack, choices.auto_approve, choices.full, choices.short,
  },
  waits = true,
  run = function(opts, args, ctx)
    if opts.from then return require("cso.cmd.import.terraform")(ctx) end
    if opts.all or opts.tag or opts.vpc or opts.type then
      if args[1] then return usage("bad_option", "an id and a sweep are two imports", "leave one out") end
      return require("cso.cmd.import.sweep")(ctx)
    end
    local list, e
    if opts.list then list, e = read_list(opts.list) else list, e = pairs_of(args) end
    if not list then return nil, e end
    if #list == 1 and list[1].address:find("::", 1, true) then
      return require("cso.cmd.import.declaration")(ctx, list[1].address, list[1].id)
    end
    return require("cso.cmd.import.take").named(ctx, list)
  end,
}
