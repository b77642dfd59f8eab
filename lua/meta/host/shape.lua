---@meta host.shape
-- How decoded documents become typed output, compiled once and walked in C. Source: host/bind/shape.c

---@class host.shape
local shape = {}

--- A value without parts. "time" reads plain ISO 8601 by itself and gives the rest to fn; "other" gives
--- everything to fn; "any" stays as it is. Of decoded values, fn gets those that are not of the kind.
---@param kind "any"|"text"|"boolean"|"integer"|"float"|"time"|"other"
---@param fn (fun(value: any): any)?
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

--- A map of the entries whose key and value have these names; grow(1) and grow(2) give their shapes. A
--- sparse one keeps its nulls.
---@param options { key: string, value: string, grow: (fun(i: integer): host.shape), sparse: boolean? }
---@return host.shape
function shape.map(options) end

--- Types a value of tables as the JSON decoder makes them. The tables are given away: they are changed in
--- place. Raises { malformed = … } when an object, a list or a map is something else.
---@param s host.shape
---@param value any
---@return any
function shape.apply(s, value) end

return shape
