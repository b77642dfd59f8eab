--- The bash completion script, made from the tables of the commands.

local function words_of(options)
  local words = {}
  for _, option in ipairs(options) do
    words[#words + 1] = "--" .. option.long
    if option.short then words[#words + 1] = "-" .. option.short end
  end
  return table.concat(words, " ")
end

-- What the value of an option completes to, as a bash command that fills COMPREPLY.
local function value_case(option)
  if option.choices then
    return ('COMPREPLY=($(compgen -W "%s" -- "$cur"))'):format(table.concat(option.choices, " "))
  elseif option.complete == "file" then
    return 'COMPREPLY=($(compgen -f -- "$cur"))'
  elseif option.complete == "dir" then
    return 'COMPREPLY=($(compgen -d -- "$cur"))'
  end
  return "COMPREPLY=()"
end

local function each_option(commands, globals)
  local seen, list = {}, {}
  local function take(options)
    for _, option in ipairs(options or {}) do
      if option.value and not seen[option.long] then
        seen[option.long] = true
        list[#list + 1] = option
      end
    end
  end
  take(globals)
  for _, command in ipairs(commands) do
    take(command.options)
    for _, sub in ipairs(command.commands or {}) do take(sub.options) end
  end
  table.sort(list, function(a, b) return a.long < b.long end)
  return list
end

local function arg_words(command)
  local words = {}
  for _, sub in ipairs(command.commands or {}) do words[#words + 1] = sub.name end
  local first = (command.args or {})[1]
  for _, choice in ipairs(first and first.choices or {}) do words[#words + 1] = choice end
  return table.concat(words, " ")
end

---@param commands cso.cmd.Command[]
---@param globals cso.cmd.Option[]
---@return string script
return function(commands, globals)
  local out = { "# bash completion of csorun", "_csorun() {",
    "  local cur prev word command=",
    '  cur="${COMP_WORDS[COMP_CWORD]}"; prev="${COMP_WORDS[COMP_CWORD-1]}"',
    "  COMPREPLY=()", '  case "$prev" in' }
  for _, option in ipairs(each_option(commands, globals)) do
    local names = "--" .. option.long .. (option.short and "|-" .. option.short or "")
    out[#out + 1] = ("    %s) %s; return ;;"):format(names, value_case(option))
  end
  local names = {}
  for i, command in ipairs(commands) do names[i] = command.name end
  out[#out + 1] = "  esac"
  out[#out + 1] = '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do'
  out[#out + 1] = ('    case "$word" in %s) command="$word"; break ;; esac'):format(
    table.concat(names, "|"))
  out[#out + 1] = "  done"
  out[#out + 1] = ('  local options="%s" words=""'):format(words_of(globals))
  out[#out + 1] = '  case "$command" in'
  for _, command in ipairs(commands) do
    local options = words_of(command.options or {})
    for _, sub in ipairs(command.commands or {}) do
      options = options .. " " .. words_of(sub.options or {})
    end
    out[#out + 1] = ('    %s) options="$options %s"; words="%s" ;;'):format(
      command.name, options, arg_words(command))
  end
  out[#out + 1] = ('    "") words="%s" ;;'):format(table.concat(names, " "))
  out[#out + 1] = "  esac"
  out[#out + 1] = '  case "$cur" in'
  out[#out + 1] = '    -*) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;'
  out[#out + 1] = '    *) COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -X "!*.lua" -- "$cur") '
    .. '$(compgen -d -S / -- "$cur")) ;;'
  out[#out + 1] = "  esac"
  out[#out + 1] = "}"
  out[#out + 1] = "complete -o filenames -o nospace -F _csorun csorun"
  return table.concat(out, "\n") .. "\n"
end
