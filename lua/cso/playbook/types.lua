--- The types that can be declared, prepared for fast checks: AWS's from the catalogue, csorun's own
--- (cso.tls.Authority …) from the kinds. Also the namespaces in which playbooks name them.
local suggest = require("cso.std.suggest")

local types = {}

---@class cso.PreparedType
---@field name string        "AWS::EC2::VPC"
---@field short string       "EC2.VPC"
---@field properties table   as in the catalogue
---@field definitions table
---@field attributes table   tree: { Endpoint = { children = { Address = { type } } } }
---@field id string[]
---@field tags string?       the property that holds tags
---@field required string[]  sorted
---@field plain table?        of cso.playbook.plainly
---@field common table?       of cso.playbook.refs

--- Where types come from: { type = fn(name) -> catalogue type | nil, types = fn(root) -> names }; root is
--- "aws" or "cso", and names that are under another one may be among them.
--- The default asks the catalogue and the kinds; specs bring their own.
local source

local function optional(name)
  local ok, module = pcall(require, name)
  if ok then return module end
  if not tostring(module):find("module '" .. name .. "' not found", 1, true) then error(module, 0) end
end

local function default_source()
  local catalogue = optional("cso.std.catalogue")
  local kind = optional("cso.kind")
  return {
    type = function(name)
      if name:sub(1, 4) == "cso." then return kind and kind.describe(name) end
      return catalogue and catalogue.type(name)
    end,
    types = function(root)
      if root == "aws" then return catalogue and catalogue.types() or {} end
      return kind and kind.own_types and kind.own_types() or {}
    end,
  }
end

local prepared, trees = {}, {}

--- Replaces the source of types (nil = the default); gives the one before.
---@param s table?
---@return table?
function types.use(s)
  local before = source
  source, prepared, trees = s, {}, {}
  return before
end

local function ask()
  source = source or default_source()
  return source
end

local function short_name(name)
  return (name:gsub("^AWS::", ""):gsub("^cso%.", ""):gsub("::", "."))
end

local function attribute_tree(attributes)
  local root = {}
  for dotted, A in pairs(attributes or {}) do
    local at = root
    for step, last in dotted:gmatch("([^.]+)(%.?)") do
      local node = at[step] or {}
      at[step] = node
      if last == "" then
        node.type, node.sensitive = A.type, A.sensitive
      else
        node.children = node.children or {}
        at = node.children
      end
    end
  end
  return root
end

--- A type, or nil when there is none of that name.
---@param name string
---@return cso.PreparedType?
function types.get(name)
  local t = prepared[name]
  if t ~= nil then return t or nil end
  local raw = ask().type(name)
  if not raw then
    prepared[name] = false
    return nil
  end
  local required = {}
  for property, P in pairs(raw.properties) do
    if P.required then required[#required + 1] = property end
  end
  table.sort(required)
  t = {
    name = name, short = short_name(name), properties = raw.properties, required = required,
    definitions = raw.definitions or {}, attributes = attribute_tree(raw.attributes),
    id = raw.id or {}, tags = raw.tags and raw.tags.property,
    tag_style = raw.tags and raw.tags.style,
  }
  prepared[name] = t
  return t
end

local PATTERNS = { aws = "^AWS::([^:]+)::([^:]+)$", cso = "^cso%.([^.]+)%.?([^.]*)$" }

-- The thousands of AWS's are only looked through where one of them is asked for.
local function names_tree(root)
  local tree = trees[root]
  if tree then return tree end
  tree = {}
  for _, name in ipairs(ask().types(root)) do
    local service, kind = name:match(PATTERNS[root])
    if service then
      tree[service] = tree[service] or {}
      tree[service][kind] = name
    end
  end
  trees[root] = tree
  return tree
end

--- Sorted names below a namespace: ("aws") services, ("aws", "EC2") types.
---@param root "aws"|"cso"
---@param service string?
---@return string[]
function types.names(root, service)
  local at = names_tree(root)
  if service then at = at[service] end
  local out = {}
  for name in pairs(at or {}) do out[#out + 1] = name end
  table.sort(out)
  return out
end

--- The nearest name below a namespace, for "did you mean".
---@param word string
---@param root "aws"|"cso"
---@param service string?
---@return string?
function types.nearest(word, root, service)
  return suggest(word, types.names(root, service))
end

return types
