--- The manual page, made from the tables of the commands.
local exit = require "cso.cmd.exit"

-- troff takes a leading dot or quote and any backslash for itself.
local function plain(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("\n([.'])", "\n\\&%1"):gsub("^([.'])", "\\&%1"))
end

local function options_of(options, out)
  for _, option in ipairs(options or {}) do
    local name = (option.short and "-" .. option.short .. ", " or "") .. "--" .. option.long
    out[#out + 1] = ".TP"
    out[#out + 1] = ("\\fB%s\\fR%s"):format(plain(name),
      option.value and " \\fI" .. plain(option.value) .. "\\fR" or "")
    out[#out + 1] = plain(option.help)
  end
end

local function synopsis(words, command)
  for _, arg in ipairs(command.args or {}) do
    local text = plain(arg.name .. (arg.many and " ..." or ""))
    words = words .. (arg.optional and " [\\fI" .. text .. "\\fR]" or " \\fI" .. text .. "\\fR")
  end
  return words
end

local function command_lines(command, path, out)
  out[#out + 1] = ".SS " .. synopsis(plain(path .. command.name), command)
  out[#out + 1] = plain(command.help) .. "."
  if type(command.text) == "string" then
    out[#out + 1] = ".PP\n.nf"
    out[#out + 1] = plain(command.text)
    out[#out + 1] = ".fi"
  end
  options_of(command.options, out)
  for _, sub in ipairs(command.commands or {}) do
    command_lines(sub, path .. command.name .. " ", out)
  end
end

---@param commands cso.cmd.Command[]
---@param globals cso.cmd.Option[]
---@return string page  troff source
return function(commands, globals)
  local out = { ".TH CSORUN 1", ".SH NAME",
    "csorun \\- build, check, run and repair AWS infrastructure from playbooks written in Lua",
    ".SH SYNOPSIS", ".B csorun", "\\fIPLAYBOOK\\fR.lua [options]", ".br", ".B csorun",
    "\\fICOMMAND\\fR [options]", ".br", ".B csorun", ".SH COMMANDS" }
  for _, command in ipairs(commands) do command_lines(command, "", out) end
  out[#out + 1] = ".SH OPTIONS OF EVERY COMMAND"
  options_of(globals, out)
  out[#out + 1] = ".SH EXIT STATUS"
  for _, row in ipairs(exit.meaning) do
    out[#out + 1] = (".TP\n.B %d\n%s"):format(row[1], plain(row[2]))
  end
  return table.concat(out, "\n") .. "\n"
end
