-- Templates: compiled, never run, since what they may say is Lua.
local template = require "cso.playbook.template"

return function(shared)
  return function(text) shared.raises(template.check, text, "fuzz.tmpl") end
end
