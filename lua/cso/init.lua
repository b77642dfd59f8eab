--- The public module of playbooks: `local cso = require "cso"`. A face over the current evaluation;
--- outside of one it has the words that need none (cso.cidr, cso.json, cso.t …).
local evaluation = require("cso.playbook.evaluation")
local suggest = require("cso.std.suggest")

-- The language stands above the tasks only through this face.
evaluation.tasks = function() return require("cso.task") end

local function unknown(key)
  local words = require("cso.playbook.words")
  if words[key] or key == "aws" or key == "api" then
    evaluation.fail("no_playbook", ("cso.%s works only in a playbook"):format(key),
      { hint = "run it with csorun FILE" })
  end
  local best = suggest(tostring(key), words.names())
  evaluation.fail("word", ("there is no cso.%s"):format(tostring(key)),
    { hint = best and ("did you mean cso.%s?"):format(best) or nil })
end

return setmetatable({}, {
  __index = function(_, key)
    local e = evaluation.current()
    local v
    if e then v = e.words[key] else v = require("cso.playbook.pure")[key] end
    if v == nil then unknown(key) end
    return v
  end,
  __newindex = function(_, key)
    evaluation.fail("assignment", ("cso.%s can't be set"):format(tostring(key)))
  end,
})
