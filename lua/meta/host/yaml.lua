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

--- All documents of a text, as a list. `any_tag` passes over tags outside the core schema: what bears one
--- is text, or a plain collection.
---@param text string
---@param options { name: string?, any_tag: boolean? }?
---@return any[]?
---@return { code: "yaml", message: string, line: integer, column: integer }? err
function yaml.decode_all(text, options) end

return yaml
