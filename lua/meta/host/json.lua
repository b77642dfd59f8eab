---@meta host.json
-- JSON straight between text and Lua tables. Source: host/bind/json*.c

---@class host.json
---@field null lightuserdata  stands for null wherever nil cannot be
---@field array_mt table      the mark of an array; decoded arrays carry it
local json = {}

--- Integers stay integers over 64 bits, larger ones and all with a point or an exponent are floats.
--- Options: max_depth in levels (512, at most 2000), a name for messages, unique refuses equal keys.
---@param text string
---@param options { max_depth: integer?, name: string?, unique: boolean? }?
---@return any value
---@return { code: "json", message: string, line: integer, column: integer, name: string? }? err
function json.decode(text, options) end

--- As decode, but the member `name` of the outermost object stays text and is not in the value; nothing in it was
--- checked.
---@param text string
---@param name string
---@return any value
---@return string|{ code: "json", message: string, line: integer, column: integer }|nil text_or_err
---@return boolean? marked   whether some key of the value begins with "$"
function json.skim(text, name) end

--- Keys are always sorted by their bytes. Tables with `__tojson(v)` are written as what it returns.
---@param value any
---@param options { indent: integer?, sort: true? }?
---@return string? text
---@return { code: "json", message: string, path: string }? err
function json.encode(value, options) end

--- Marks t (a new table when absent) as an array, so that it is [] even when it is empty.
---@param t table?
---@return table t
function json.array(t) end

---@param v any
---@return boolean
function json.is_array(v) end

return json
