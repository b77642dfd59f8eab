---@meta host.shape
-- How decoded documents become typed output, compiled once and walked in C. Source: host/bind/shape.c

---@class host.shape
local shape = {}

--- A value without parts. "time" reads plain ISO 8601 by itself and gives the rest to fn; "other" gives
--- everything to fn.
---@param kind "text"|"boolean"|"integer"|"float"|"time"|"other"
---@param fn (fun(text: string): any)?
---@return host.shape
function shape.leaf(kind, fn) end

--- A structure of the members that edges = { {wire name, output name, flat}, … } lead to. grow(i) gives
--- the shape at the end of the i-th edge, when it is first needed.
---@param options { edges: table, grow: (fun(i: integer): host.shape), union: boolean?, attributes: table<string, string>? }
---@return host.shape
function shape.structure(options) end

--- A list; grow(1) gives its item's shape.
---@param options { grow: fun(i: integer): host.shape }
---@return host.shape
function shape.list(options) end

--- A map of the entries whose key and value have these names; grow(1) and grow(2) give their shapes.
---@param options { key: string, value: string, grow: fun(i: integer): host.shape }
---@return host.shape
function shape.map(options) end

return shape
