--- The zsh completion script, made from the tables of the commands.

-- Inside an _arguments spec, in single quotes: brackets, colons and quotes need care.
local function quoted(text)
  return (text:gsub("'", "'\\''"):gsub("[%[%]:]", "\\%0"))
end

local function action(option)
  if option.choices then return ("(%s)"):format(table.concat(option.choices, " ")) end
  if option.complete == "file" then return "_files" end
  if option.complete == "dir" then return "_files -/" end
  return " "
end

local function specs(options, out, pad)
  for _, option in ipairs(options or {}) do
    local many = option.many and "*" or ""
    local value = option.value
      and (":%s:%s"):format(quoted(option.value), action(option)) or ""
    local eq = option.value and "=" or ""
    out[#out + 1] = ("%s'%s--%s%s[%s]%s' \\"):format(
      pad, many, option.long, eq, quoted(option.help), value)
    if option.short then
      out[#out + 1] = ("%s'%s-%s[%s]%s' \\"):format(
        pad, many, option.short, quoted(option.help), value)
    end
  end
end

local function argument(command)
  local words = {}
  for _, sub in ipairs(command.commands or {}) do words[#words + 1] = sub.name end
  local first = (command.args or {})[1]
  for _, choice in ipairs(first and first.choices or {}) do words[#words + 1] = choice end
  if #words > 0 then return ("'1:word:(%s)' '*:file:_files'"):format(table.concat(words, " ")) end
  return "'*:file:_files'"
end

---@param commands cso.cmd.Command[]
---@param globals cso.cmd.Option[]
---@return string script
return function(commands, globals)
  local out = { "#compdef csorun", "_csorun() {", "  local -a commands=(" }
  for _, command in ipairs(commands) do
    out[#out + 1] = ("    '%s:%s'"):format(command.name, quoted(command.help))
  end
  out[#out + 1] = "  )"
  out[#out + 1] = "  local -a globals=("
  local lines = {}
  specs(globals, lines, "    ")
  for i, line in ipairs(lines) do lines[i] = line:gsub(" \\$", "") end
  table.move(lines, 1, #lines, #out + 1, out)
  out[#out + 1] = "  )"
  out[#out + 1] = "  local context state line"
  out[#out + 1] = "  _arguments -C $globals '1:command:->command' '*::argument:->argument' && return"
  out[#out + 1] = "  case $state in"
  out[#out + 1] = "    command) _describe command commands; _files -g '*.lua' ;;"
  out[#out + 1] = "    argument)"
  out[#out + 1] = "      case ${line[1]} in"
  for _, command in ipairs(commands) do
    out[#out + 1] = ("        %s) _arguments $globals \\"):format(command.name)
    specs(command.options, out, "          ")
    for _, sub in ipairs(command.commands or {}) do specs(sub.options, out, "          ") end
    out[#out + 1] = ("          %s ;;"):format(argument(command))
  end
  out[#out + 1] = "        *) _arguments $globals '*:file:_files' ;;"
  out[#out + 1] = "      esac ;;"
  out[#out + 1] = "  esac"
  out[#out + 1] = "}"
  out[#out + 1] = "_csorun \"$@\""
  return table.concat(out, "\n") .. "\n"
end
