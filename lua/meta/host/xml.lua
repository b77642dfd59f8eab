---@meta host.xml
-- XML as a compact tree. Source: host/bind/xml.c

---@class host.xml
local xml = {}

---@class host.xml.Node
---@field name string                   without its namespace prefix
---@field attrs table<string, string>?  without prefixes; nil when there are none
---@field text string?                  character data; nil when empty or only layout
---@field [integer] host.xml.Node       child elements

--- Options: max_depth in levels (256, at most 2000), a name for messages, xmlns keeps such attributes,
--- doctype takes a DOCTYPE with the entities and defaults that it declares itself (never what lies outside).
---@param text string
---@param options { doctype: boolean?, max_depth: integer?, name: string?, xmlns: boolean? }?
---@return host.xml.Node?
---@return { code: "xml", message: string, line: integer, column: integer }? err
function xml.decode(text, options) end

---@class host.xml.Document  parsed, to be read by shapes; closed at once or by the collector
local document = {}

--- The value of an element by a shape. Steps lead to it from the root, by names of children.
---@param shape host.shape
---@param ... string
---@return any value  nil when there is no such element
function document:read(shape, ...) end

--- An element's text: nil when there is none such or it holds elements only.
---@param ... string
---@return string?
function document:text(...) end

---@param ... string
---@return boolean
function document:has(...) end

--- The root's name.
---@return string
function document:name() end

function document:close() end

---@param text string
---@return host.xml.Document?
---@return { code: "xml", message: string, line: integer, column: integer }? err
function xml.parse(text) end

--- For element content and attribute values.
---@param text string
---@return string?
---@return { code: "xml", message: string }? err  a control character, or not UTF-8
function xml.escape(text) end

return xml
