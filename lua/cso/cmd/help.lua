--- The text of --help, made from the tables that the parser reads.
local exit = require "cso.cmd.exit"
local globals = require "cso.cmd.globals"
local registry = require "cso.cmd.registry"

local help = {}

local function columns(rows, out)
  local width = 0
  for _, row in ipairs(rows) do width = math.max(width, #row[1]) end
  for _, row in ipairs(rows) do
    out[#out + 1] = ("  %s%s  %s"):format(row[1], (" "):rep(width - #row[1]), row[2])
  end
end

local function option_rows(options)
  local rows = {}
  for _, option in ipairs(options) do
    if not option.hidden then
      local name = (option.short and "-" .. option.short .. ", " or "    ") .. "--" .. option.long
      if option.value then name = name .. " " .. option.value end
      rows[#rows + 1] = { name, option.help }
    end
  end
  return rows
end

local function arg_text(arg)
  local text = arg.name .. (arg.many and "…" or "")
  return arg.optional and "[" .. text .. "]" or text
end

local function usage_line(path)
  local words = { "csorun" }
  for _, command in ipairs(path) do words[#words + 1] = command.name end
  local last = path[#path]
  if last.usage then
    words[#words + 1] = last.usage
  else
    if last.commands then words[#words + 1] = last.run and "[COMMAND]" or "COMMAND" end
    for _, arg in ipairs(last.args or {}) do words[#words + 1] = arg_text(arg) end
  end
  if last.options and #last.options > 0 then words[#words + 1] = "[options]" end
  if last.rest then words[#words + 1] = "[-- arguments of the playbook]" end
  return table.concat(words, " ")
end

--- The help of the program: commands by group, global options, exit codes.
---@return string
function help.program()
  local out = {
    "csorun builds, checks, runs and repairs AWS infrastructure from playbooks written in Lua.",
    "",
    "Usage:",
    "  csorun PLAYBOOK.lua [options]      plan, ask, apply (= csorun apply PLAYBOOK.lua)",
    "  csorun --sim PLAYBOOK.lua          the same against a simulated account",
    "  csorun COMMAND [options]",
    "  csorun                             the REPL",
  }
  for _, group in ipairs(registry.groups) do
    out[#out + 1] = ""
    out[#out + 1] = group[1] .. ":"
    local rows = {}
    for i = 2, #group do rows[#rows + 1] = { group[i], registry.find(group[i]).help } end
    columns(rows, out)
  end
  out[#out + 1] = ""
  out[#out + 1] = "Options of every command:"
  columns(option_rows(globals), out)
  out[#out + 1] = ""
  out[#out + 1] = "Exit codes:"
  local rows = {}
  for i, row in ipairs(exit.meaning) do rows[i] = { ("%3d"):format(row[1]), row[2] } end
  columns(rows, out)
  out[#out + 1] = ""
  out[#out + 1] = "csorun COMMAND --help tells more about one command."
  return table.concat(out, "\n") .. "\n"
end

--- The help of one command (path: the command, then the words below it).
---@param path cso.cmd.Command[]
---@return string
function help.command(path)
  local last = path[#path]
  local out = { last.help .. ".", "", "Usage:", "  " .. usage_line(path) }
  if last.commands then
    out[#out + 1] = ""
    out[#out + 1] = "Commands:"
    local rows = {}
    for _, command in ipairs(last.commands) do rows[#rows + 1] = { command.name, command.help } end
    columns(rows, out)
  end
  if type(last.text) == "string" then
    out[#out + 1] = ""
    out[#out + 1] = last.text
  end
  if last.options and #last.options > 0 then
    out[#out + 1] = ""
    out[#out + 1] = "Options:"
    columns(option_rows(last.options), out)
  end
  out[#out + 1] = ""
  out[#out + 1] = "Options of every command:"
  columns(option_rows(globals), out)
  return table.concat(out, "\n") .. "\n"
end

return help
