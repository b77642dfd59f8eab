--- The fish completion script, made from the tables of the commands.

local function quoted(text)
  return "'" .. text:gsub("\\", "\\\\"):gsub("'", "\\'") .. "'"
end

local function line(condition, option)
  local words = { "complete -c csorun" }
  if condition then words[#words + 1] = "-n " .. quoted(condition) end
  words[#words + 1] = "-l " .. option.long
  if option.short then words[#words + 1] = "-s " .. option.short end
  if option.value then
    if option.choices then
      words[#words + 1] = "-x -a " .. quoted(table.concat(option.choices, " "))
    else
      words[#words + 1] = option.complete == "file" and "-r -F" or "-x"
    end
  end
  words[#words + 1] = "-d " .. quoted(option.help)
  return table.concat(words, " ")
end

---@param commands cso.cmd.Command[]
---@param globals cso.cmd.Option[]
---@return string script
return function(commands, globals)
  local out = { "# fish completion of csorun" }
  for _, option in ipairs(globals) do out[#out + 1] = line(nil, option) end
  for _, command in ipairs(commands) do
    out[#out + 1] = ("complete -c csorun -n __fish_use_subcommand -a %s -d %s"):format(
      command.name, quoted(command.help))
    local seen = "__fish_seen_subcommand_from " .. command.name
    for _, option in ipairs(command.options or {}) do out[#out + 1] = line(seen, option) end
    for _, sub in ipairs(command.commands or {}) do
      out[#out + 1] = ("complete -c csorun -n %s -a %s -d %s"):format(
        quoted(seen), sub.name, quoted(sub.help))
      for _, option in ipairs(sub.options or {}) do
        out[#out + 1] = line("__fish_seen_subcommand_from " .. sub.name, option)
      end
    end
    local first = (command.args or {})[1]
    if first and first.choices then
      out[#out + 1] = ("complete -c csorun -n %s -f -a %s"):format(
        quoted(seen), quoted(table.concat(first.choices, " ")))
    end
  end
  return table.concat(out, "\n") .. "\n"
end
