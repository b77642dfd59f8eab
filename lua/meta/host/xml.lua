---@meta host.xml
-- XML as a compact tree. Source: host/bind/xml.c

---@class host.xml
local xml = {}

---@class host.xml.Node
---@field name string                   without its namespace prefix
---@field attrs table<string, string>?  without prefixes; nil when there are none
---@field text string?                  character data; nil when empty or only layout
---@field [integer] host.xml.Node       child elements

--- Options: max_depth in levels (256, at most 2000), a name for messages, xmlns keeps such attributes.
---@param text string
---@param options { max_depth: integer?, name: string?, xmlns: boolean? }?
---@return host.xml.Node?
---@return { code: "xml", message: string, line: integer, column: integer }? err
function xml.decode(text, options) end

--- For element content and attribute values.
---@param text string
---@return string?
---@return { code: "xml", message: string }? err  a control character, or not UTF-8
function xml.escape(text) end

return xml
