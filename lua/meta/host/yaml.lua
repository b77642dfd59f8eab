---@meta host.yaml
-- YAML 1.2, core schema. Source: host/bind/yaml.c

---@class host.yaml
local yaml = {}

--- Null is json.null, sequences carry json.array_mt, keys are strings as written, aliases are copies.
---@param text string
---@param name string?  for messages
---@return any value
---@return table<string, integer>|{ code: "yaml", message: string, line: integer, column: integer } lines  line of each path ("db.class", "azs[1]"), or the error
function yaml.decode(text, name) end

return yaml
