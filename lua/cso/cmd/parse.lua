--- Turns the words of a command line into a command, its options and its arguments.
--- Pure: what commands and options exist, and what counts as a playbook, comes in as data.
local err = require "cso.std.err"
local suggest = require "cso.std.suggest"

local parse = {}

---@class cso.cmd.Option
---@field long string      the long name without dashes; `opts` holds it with "_" for "-"
---@field short string?    one letter
---@field value string?    what the value is called in the help; without it the option is a switch
---@field empty boolean?   an empty value means something
---@field kind string?     "integer" or "number": the value is checked and converted
---@field choices string[]?
---@field many boolean?    may stand several times; `opts` then holds a list
---@field default any
---@field key string?     under which `opts` holds it, when not under its name
---@field tagged boolean? `opts` holds { name, value }: options that share a key keep their order
---@field complete string? what a shell completes its value with: file, dir, service, operation
---@field help string

---@class cso.cmd.Command
---@field name string
---@field help string              one line
---@field usage string?            what stands behind the name in the usage line
---@field args table[]?            positional: { name=, optional=, many=, complete=, choices= }
---@field options cso.cmd.Option[]?
---@field commands cso.cmd.Command[]?  words below this one (state list, state show …)
---@field rest boolean?            words behind "--" belong to the playbook, not to the command
---@field run function?            run(opts, args, ctx) -> exit code | nil, err

local truth = {
  ["true"] = true, yes = true, on = true, ["1"] = true,
  ["false"] = false, no = false, off = false, ["0"] = false,
}

local function usage(code, message, hint)
  return nil, err.new { code = code, message = message, hint = hint, class = "usage" }
end

--- The key under which an option's value is found in `opts`.
---@param option cso.cmd.Option
---@return string
function parse.key(option)
  return option.key or (option.long:gsub("%-", "_"))
end

local converters = {
  integer = function(text) return math.tointeger(tonumber(text)) end,
  number = function(text) return tonumber(text) end,
}

local function convert(option, text)
  -- Mostly a variable that is not set: the default would be another account, another state.
  if text == "" and not option.empty then
    return usage("missing_value", ("--%s is empty: it needs a value, %s"):format(option.long, option.value),
      "leave the option out for its default")
  end
  if option.kind then
    local number = converters[option.kind](text)
    if not number then
      return usage("bad_value", ("--%s takes %s %s, got %q"):format(option.long,
        option.kind == "integer" and "an" or "a", option.kind, text))
    end
    return number
  end
  if option.choices then
    for _, choice in ipairs(option.choices) do
      if choice == text then return text end
    end
    return usage("bad_value", ("--%s takes %s, got %q"):format(option.long,
      table.concat(option.choices, ", "), text))
  end
  return text
end

local function put(opts, option, value)
  local key = parse.key(option)
  if not option.many then
    opts[key] = value
    return
  end
  opts[key] = opts[key] or {}
  table.insert(opts[key], option.tagged and { option.long, value } or value)
end

-- The options that are valid at this point of the line, nearest command first.
local function known(levels)
  local by_long, by_short, names = {}, {}, {}
  for i = #levels, 1, -1 do
    for _, option in ipairs(levels[i]) do
      if not by_long[option.long] then
        by_long[option.long] = option
        names[#names + 1] = option.long
      end
      if option.short and not by_short[option.short] then by_short[option.short] = option end
    end
  end
  return by_long, by_short, names
end

-- The next word as an option's value. An option there is no value: who writes `--repair -y` forgot
-- one. `--repair=-y` still says that it is meant.
local function value_of(state, option, written)
  local word = state.argv[state.at]
  local by_long, by_short = known(state.levels)
  local other = word and (word:match("^%-%-([^=]+)") or word:match("^%-(%a)$"))
  if other and (by_long[other] or by_short[other]) then
    return usage("missing_value", ("%s needs a value: %s %s; %s is an option"):format(
      written, written, option.value, word))
  end
  word = state:take()
  if not word then
    return usage("missing_value", ("%s needs a value: %s %s"):format(written, written, option.value))
  end
  return word
end

local function unknown_option(state, written, name, names)
  local near, there = suggest(name, names), state.elsewhere().options[name]
  return usage("unknown_option", "unknown option " .. written, there and ("here: %s"):format(there)
    or near and ("did you mean --%s?"):format(near) or state:help_hint())
end

local function long_option(state, word)
  local by_long, _, names = known(state.levels)
  local name, text = word:match("^%-%-([^=]+)=(.*)$")
  name = name or word:sub(3)
  local option, negated = by_long[name], false
  if not option and name:sub(1, 3) == "no-" then
    local positive = by_long[name:sub(4)]
    if positive and not positive.value then option, negated = positive, true end
  end
  if not option then
    return unknown_option(state, "--" .. name, name, names)
  end
  if option.value then
    local value, e
    if not text then
      text, e = value_of(state, option, "--" .. option.long)
      if not text then return nil, e end
    end
    value, e = convert(option, text)
    if e then return nil, e end
    put(state.opts, option, value)
    return true
  end
  local value = true
  if text then
    value = truth[text:lower()]
    if value == nil then
      return usage("bad_value", ("--%s is a switch: it takes true or false, got %q"):format(
        option.long, text))
    end
  end
  if negated then value = not value end
  put(state.opts, option, value)
  return true
end

local function short_options(state, word)
  local by_long, by_short, names = known(state.levels)
  -- One dash before a whole name is another tool's habit; `-out=x` must not become `--out ut=x`.
  local whole = word:match("^%-(%a[%w-]+)")
  if whole and (by_long[whole] or state.elsewhere().options[whole]) then
    return unknown_option(state, "-" .. whole, whole, names)
  end
  local i = 2
  while i <= #word do
    local letter = word:sub(i, i)
    local option = by_short[letter]
    if not option then
      return unknown_option(state, "-" .. letter, letter, names)
    end
    if option.value then
      local text, e = word:sub(i + 1), nil
      if text == "" then text, e = value_of(state, option, "-" .. letter) end
      if not text then return nil, e end
      local value, wrong = convert(option, text)
      if wrong then return nil, wrong end
      put(state.opts, option, value)
      return true
    end
    put(state.opts, option, true)
    i = i + 1
  end
  return true
end

local State = {}
State.__index = State

function State:take()
  local word = self.argv[self.at]
  if word ~= nil then self.at = self.at + 1 end
  return word
end

function State:help_hint()
  local path = {}
  for i, command in ipairs(self.path) do path[i] = command.name end
  return ("see csorun %s"):format(table.concat(path, " ") .. (#path > 0 and " " or "") .. "--help")
end

-- A command opens its level of options; words below it are looked up in its own table.
local function enter(state, command)
  table.insert(state.path, command)
  state.command = command
  table.insert(state.levels, command.options or {})
end

local function sub_command(state, word)
  local names = {}
  for _, command in ipairs(state.command.commands) do
    if command.name == word then return enter(state, command) or true end
    names[#names + 1] = command.name
  end
  local near = suggest(word, names)
  return usage("unknown_command", ("unknown command: %s %s"):format(state.command.name, word),
    near and ("did you mean %s?"):format(near) or "one of " .. table.concat(names, ", "))
end

local function first_word(state, spec, word)
  local command = spec.find(word)
  if command then return enter(state, command) or true end
  if spec.is_playbook(word) then
    enter(state, spec.find(spec.default))
    table.insert(state.args, word)
    return true
  end
  -- `csorun help plan` is `csorun plan --help`.
  if word == "help" then
    state.opts.help = true
    return true
  end
  local near, there = suggest(word, spec.names), spec.elsewhere().commands[word]
  return usage("unknown_command", ("unknown command: %s (and no playbook of that name)"):format(word),
    there and ("here: %s"):format(there) or near and ("did you mean %s?"):format(near) or "see csorun --help")
end

local function positional(state, spec, word)
  if not state.command then return first_word(state, spec, word) end
  if state.command.commands and not state.command.run then return sub_command(state, word) end
  table.insert(state.args, word)
  return true
end

local function check_args(command, args, state)
  local declared = command.args or {}
  for i, arg in ipairs(declared) do
    if not arg.optional and args[i] == nil then
      return usage("missing_argument", ("%s needs %s"):format(command.name, arg.name),
        state:help_hint())
    end
  end
  local last = declared[#declared]
  if #args > #declared and not (last and last.many) then
    return usage("too_many_arguments", ("%s takes no argument %q"):format(
      command.name, args[#declared + 1]), state:help_hint())
  end
  for i, arg in ipairs(declared) do
    if arg.choices and args[i] then
      local found = false
      for _, choice in ipairs(arg.choices) do found = found or choice == args[i] end
      if not found then
        local near = suggest(args[i], arg.choices)
        return usage("bad_value", ("%s must be one of %s, got %q"):format(
          arg.name, table.concat(arg.choices, ", "), args[i]),
          near and ("did you mean %s?"):format(near))
      end
    end
  end
  return true
end

--- Reads a command line.
---@param argv string[]  the words behind the program's name
---@param spec table     { globals = Option[], find = fun(name): Command?, names = string[],
---                        default = name of the command for a bare playbook, bare = name of the
---                        command for an empty line, is_playbook = fun(word): boolean,
---                        elsewhere = fun(): { options =, commands = } what other tools' words are here }
---@return table? line   { command, path = Command[], opts, args, rest, help = boolean }
---@return cso.Err? err  class "usage"
function parse.run(argv, spec)
  local state = setmetatable({ argv = argv, at = 1, levels = { spec.globals }, path = {},
    opts = {}, args = {}, rest = {}, elsewhere = spec.elsewhere }, State)
  while true do
    local word = state:take()
    if word == nil then break end
    local ok, e
    if word == "--" then
      ok = true
      table.move(argv, state.at, #argv, 1, state.rest)
      state.at = #argv + 1
    elseif word:sub(1, 2) == "--" then
      ok, e = long_option(state, word)
    elseif word:sub(1, 1) == "-" and #word > 1 and not word:match("^%-%d") then
      ok, e = short_options(state, word)
    else
      ok, e = positional(state, spec, word)
    end
    if not ok then return nil, e, state.path end
  end
  local line = { opts = state.opts, args = state.args, rest = state.rest, path = state.path,
    help = state.opts.help == true, command = state.command }
  if line.help then return line end
  if state.opts.version then line.command = spec.find("version") end
  if not line.command then enter(state, spec.find(spec.bare)) end
  line.command = line.command or state.command
  if line.command.commands and not line.command.run then
    local names = {}
    for _, command in ipairs(line.command.commands) do names[#names + 1] = command.name end
    return usage("missing_command", ("%s needs one of %s"):format(
      line.command.name, table.concat(names, ", ")), state:help_hint())
  end
  if not line.command.rest then
    table.move(state.rest, 1, #state.rest, #state.args + 1, state.args)
    line.rest = {}
  end
  local ok, e = check_args(line.command, state.args, state)
  if not ok then return nil, e, state.path end
  return line
end

return parse
