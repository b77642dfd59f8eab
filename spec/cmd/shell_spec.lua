local exit = require "cso.cmd.exit"
local globals = require "cso.cmd.globals"
local registry = require "cso.cmd.registry"

local function shell_accepts(shell, flags, script)
  if not os.execute("command -v " .. shell .. " >/dev/null 2>&1") then return true end
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(script)
  file:close()
  local ok = os.execute(("%s %s %s"):format(shell, flags, name))
  os.remove(name)
  return ok == true
end

describe("shell completion", function()
  for _, shell in ipairs { "bash", "zsh", "fish" } do
    it("names every command and option in " .. shell, function()
      local script = require("cso.cmd.shell." .. shell)(registry.all(), globals)
      for _, command in ipairs(registry.all()) do
        assert.truthy(script:find(command.name, 1, true))
        for _, option in ipairs(command.options or {}) do
          assert.truthy(script:find(option.long, 1, true), option.long)
        end
      end
      assert.is_true(shell_accepts(shell, "-n", script))
    end)
  end

  it("writes a manual page that names every command and option", function()
    local page = require("cso.cmd.shell.man")(registry.all(), globals)
    for _, name in ipairs(registry.names) do assert.truthy(page:find("\n.SS " .. name, 1, true), name) end
    for _, option in ipairs(globals) do
      assert.truthy(page:find("\\-\\-" .. option.long:gsub("%-", "\\-"), 1, true), option.long)
    end
  end)

  it("completes in a real bash", function()
    local name = os.tmpname()
    local file = assert(io.open(name, "w"))
    file:write(require("cso.cmd.shell.bash")(registry.all(), globals), [[
COMP_WORDS=(csorun completion ""); COMP_CWORD=2; _csorun; echo "${COMPREPLY[*]}"
COMP_WORDS=(csorun comp); COMP_CWORD=1; _csorun; echo "${COMPREPLY[*]}"
COMP_WORDS=(csorun --regi); COMP_CWORD=1; _csorun; echo "${COMPREPLY[*]}"
]])
    file:close()
    local pipe = assert(io.popen("cd / && bash " .. name))
    local first, second, third = pipe:read("l", "l", "l")
    pipe:close()
    os.remove(name)
    assert.match("bash fish zsh man", first)
    assert.match("completion", second)
    assert.match("%-%-region", third)
  end)
end)

describe("help", function()
  local help = require "cso.cmd.help"

  it("shows every command, global option and exit code", function()
    local text = help.program()
    for _, name in ipairs(registry.names) do assert.truthy(text:find("\n  " .. name, 1, true), name) end
    for _, option in ipairs(globals) do assert.truthy(text:find("--" .. option.long, 1, true)) end
    for _, row in ipairs(exit.meaning) do assert.truthy(text:find(row[2], 1, true)) end
  end)

  local function of_commands()
    local texts = {}
    for _, command in ipairs(registry.all()) do
      texts[#texts + 1] = help.command { command }
      for _, sub in ipairs(command.commands or {}) do
        texts[#texts + 1] = help.command { command, sub }
      end
    end
    return texts
  end

  it("says each word of a usage once", function()
    for _, text in ipairs(of_commands()) do
      local usage = text:match "Usage:\n([^\n]*)"
      local _, names = usage:gsub("csorun", "")
      local _, options = usage:gsub("%[options%]", "")
      assert.equal(1, names, usage)
      assert.is_true(options <= 1, usage)
    end
  end)

  it("fits into 100 columns", function()
    local texts = of_commands()
    texts[#texts + 1] = help.program()
    for _, text in ipairs(texts) do
      for line in text:gmatch("[^\n]+") do assert.is_true(utf8.len(line) <= 100, line) end
    end
  end)
end)

describe("commands", function()
  it("are complete and consistent", function()
    local function check(command)
      assert.is_string(command.name)
      assert.is_string(command.help)
      assert.is_true(type(command.run) == "function" or type(command.commands) == "table")
      local seen = {}
      for _, option in ipairs(globals) do seen[option.long] = true end
      for _, option in ipairs(command.options or {}) do
        assert.is_nil(seen[option.long], command.name .. " --" .. option.long)
        seen[option.long] = true
        assert.is_string(option.help)
      end
      for _, sub in ipairs(command.commands or {}) do check(sub) end
    end
    for _, command in ipairs(registry.all()) do check(command) end
  end)
end)
