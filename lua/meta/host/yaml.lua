---@meta host.yaml
-- YAML 1.2, core schema. Source: host/bind/yaml.c

---@class host.yaml
local yaml = {}

--- Null is json.null, sequences carry json.array_mt, keys are strings as written, aliases are copies.
--- `lines` has the line of each path ("db.class", "azs[1]"). A failure is nil and the error.
---@param text string
---@param name string?  for messages
---@return any value
---@return table<string, integer>|{ code: "yaml", message: string, line: integer, column: integer } lines
function yaml.decode(text, name) end

return yaml
