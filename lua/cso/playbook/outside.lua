--- Lua's words that reach beyond the process, as playbooks have them.
local evaluation = require("cso.playbook.evaluation")
local redact = require("cso.std.redact")

local outside = {}

-- Everybody on a machine sees the words that its processes were started with.
local function without_secrets(name, fn)
  return function(command, ...)
    if type(command) == "string" and redact.tells(command) then
      evaluation.fail("secret_in_command", name .. " would show a secret to everybody who lists this machine's processes",
        { hint = "hand it over on standard input: io.popen(command, \"w\"):write(secret:value())" })
    end
    return fn(command, ...)
  end
end

--- Lua's `os` for a playbook. A script may end as it likes. Where things are declared, success would be told of
--- what was never done.
---@param e cso.Evaluation
---@return table
function outside.os(e)
  local function leave(...)
    -- What ran to its end is a step's or a check's home: its declarations may have been given up by then.
    local at_work = e.phase == "done" or #e.declarations > 0 or #e.policies > 0
    if at_work and not e.opts.unguarded then
      evaluation.fail("os_exit", "os.exit would end csorun in the middle of its work",
        { hint = "error(\"why\") ends the playbook or the step, and is told" })
    end
    os.exit(...)
  end
  return setmetatable({ exit = leave, execute = without_secrets("os.execute", os.execute) }, { __index = os })
end

--- Lua's `io` for a playbook.
---@return table
function outside.io()
  return setmetatable({ popen = without_secrets("io.popen", io.popen) }, { __index = io })
end

return outside
