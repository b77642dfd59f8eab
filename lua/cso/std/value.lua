--- Values that are not plain: refs (known later), unknowns (not known in this plan) and secrets.
---
--- A *deferred* value is a table with the metatable below; its node stands under a private key, so
--- that indexing is free for attribute names. Two sorts of node:
---   { address, path, index, info }   a ref: attribute `path` ("" = the whole resource) of `address`
---   { inputs, fn, secret, where }    computed: fn(resolved inputs), made by `..`, map, all, json …
--- Lua does not call __eq for values of different types: `vpc.VpcId == "vpc-1"` is false and can't
--- raise. Everything else that would need the value raises with the playbook's file and line.
local err = require("cso.std.err")
local redact = require("cso.std.redact")
local where = require("cso.std.where")

local value = {}

--- True once there was a secret in this process. Nothing has to be looked through for them before.
value.any = false

local NODE = setmetatable({}, { __name = "cso.value.node" })
local SECRET = setmetatable({}, { __name = "cso.value.secret" })
local deferred, unknown, secret = {}, {}, {} -- metatables
local opened = setmetatable({}, { __mode = "k" }) -- secret -> content; apart, so no printer finds it
unknown.__name = "an unknown"
function unknown.__tostring() return "(known after apply)" end
local installed -- lookup of the running apply, for r:value()

local function is_deferred(v)
  return getmetatable(v) == deferred
end

local function is_secret(v)
  return getmetatable(v) == secret
end

local function is_special(v)
  local mt = getmetatable(v)
  return mt == deferred or mt == secret or mt == unknown
end

--- True for any deferred value: a ref, a resource, or something computed from one.
---@param v any
---@return boolean
value.is_ref = is_deferred

--- True for a known secret. (A deferred value that will be one: see `value.is_sensitive`.)
---@param v any
---@return boolean
value.is_secret = is_secret

--- True for a typed unknown.
---@param v any
---@return boolean
function value.is_unknown(v)
  return getmetatable(v) == unknown
end

--- A ref to an attribute.
---@param address string
---@param path string?   dotted; integer steps count from 1; "" or nil = the whole resource
---@param info table?    anything that the maker wants back from `value.info`;
---                      `info.index(ref, key)` decides what indexing gives (and may raise)
---@return cso.Ref
function value.ref(address, path, info)
  return setmetatable({
    [NODE] = { address = address, path = path or "", info = info, index = info and info.index },
  }, deferred)
end

--- A ref to a whole resource. The table given becomes its node and its info.
---@param info table    with `address`
---@param common table  a metatable, for what it has in common with others: its `__index` has the path "", and
---                     `index` as for `value.ref`
---@return cso.Ref
function value.whole(info, common)
  return setmetatable({ [NODE] = setmetatable(info, common) }, deferred)
end

--- Address, path and info of a ref; nil for anything else, computed values included.
---@param v any
---@return string? address
---@return string? path
---@return table? info
function value.info(v)
  if getmetatable(v) ~= deferred then return nil end
  local node = v[NODE] -- it stands there: no indexing function is asked
  return node.address, node.path, node.info or node.address and node.path == "" and node or nil
end

--- Address of a ref; nil for anything else, computed values included.
---@param v any
---@return string?
function value.address(v)
  return getmetatable(v) == deferred and v[NODE].address or nil
end

--- A value computed from a tree of others as soon as they are known.
---@param inputs table     tree; refs and secrets anywhere in it
---@param fn fun(inputs: any): any  gets the tree resolved and with its secrets opened
---@param opts { secret: boolean?, where: string? }?
---@return cso.Ref
function value.defer(inputs, fn, opts)
  return setmetatable({
    [NODE] = { inputs = inputs, fn = fn, secret = opts and opts.secret, where = opts and opts.where },
  }, deferred)
end

--- A value that this plan can't know. The table given becomes the unknown.
---@param fields { from: string?, path: string?, type: table? }?
---@return cso.Unknown
function value.unknown(fields)
  return setmetatable(fields or {}, unknown)
end

--- Wraps a value so that nothing prints it. A ref becomes a ref whose result is a secret.
--- A secret that an earlier run made is *sealed*: `v` is nil and `facts` tell it by its digest;
--- its content is fetched from what keeps it only where a call needs it.
---@param v any
---@param facts { digest: string?, salt: string?, origin: table?, fetch: (fun(): string)? }?
---@return any
function value.secret(v, facts)
  if is_secret(v) or getmetatable(v) == unknown then return v end
  if is_deferred(v) then
    return value.defer({ v }, function(list) return list[1] end, { secret = true })
  end
  local box = setmetatable({ [SECRET] = facts or true }, secret)
  value.any = true
  if v ~= nil then
    opened[box] = v
    redact.remember(v)
  end
  return box
end

-- What is known of a secret besides its content: it stands in it.
local function facts_of(v)
  local facts = rawget(v, SECRET)
  return facts ~= true and facts or nil
end

--- What may be known of a secret: its digest, where it was made, whether its content is at hand.
---@param v any
---@return { digest: string?, salt: string?, origin: table?, known: boolean }
function value.secret_info(v)
  local facts = facts_of(v) or {}
  return { digest = facts.digest, salt = facts.salt, origin = facts.origin, known = opened[v] ~= nil }
end

--- The digest by which a secret is recognised in state; it can't be turned back.
---@param salt string
---@param text any
---@return string
function value.digest(salt, text)
  local hash = require("host.hash")
  return hash.hex_encode(hash.hmac_sha256(salt, tostring(text))):sub(1, 32)
end

--- True when two values, secrets or not, have the same content; digests stand in for contents.
---@param a any
---@param b any
---@return boolean
function value.same_secret(a, b)
  local function side(v)
    if not is_secret(v) then return v, {} end
    return opened[v], facts_of(v) or {}
  end
  local x, fx = side(a)
  local y, fy = side(b)
  if x ~= nil and y ~= nil then return x == y end
  if x == nil and y == nil then return fx.digest ~= nil and fx.digest == fy.digest end
  local facts, text = fx, y
  if x ~= nil then facts, text = fy, x end
  return facts.digest ~= nil and facts.salt ~= nil and facts.digest == value.digest(facts.salt, text)
end

--- Text of a value for messages: "${net/EC2.VPC.main.VpcId}", "(sensitive)", "(known after apply)".
---@param v any
---@return string
function value.describe(v)
  if is_secret(v) then return "(sensitive)" end
  if getmetatable(v) == unknown then return "(known after apply)" end
  if not is_deferred(v) then return tostring(v) end
  local node = rawget(v, NODE)
  if node.address then
    return "${" .. node.address .. (node.path ~= "" and "." .. node.path or "") .. "}"
  end
  local from = value.dependencies(v)
  return "${computed from " .. (#from > 0 and table.concat(from, ", ") or "constants") .. "}"
end

-- Walking trees ---------------------------------------------------------------------------------

local function collect(v, found, seen)
  if type(v) ~= "table" or seen[v] then return end
  seen[v] = true
  local mt = getmetatable(v)
  if mt == deferred then
    local node = rawget(v, NODE)
    if node.address then found[node.address] = true else collect(node.inputs, found, seen) end
  elseif mt == secret then
    collect(opened[v], found, seen)
  elseif mt ~= unknown then
    for _, item in next, v do collect(item, found, seen) end
  end
end

-- Many a thing is declared by texts and numbers alone.
local function is_flat(v)
  if type(v) ~= "table" then return true end
  if getmetatable(v) then return false end
  for _, item in next, v do
    if type(item) == "table" then return false end
  end
  return true
end

--- Addresses that a tree refers to, sorted, each once.
---@param tree any
---@return string[]
function value.dependencies(tree)
  if is_flat(tree) then return {} end
  local found, list = {}, {}
  collect(tree, found, {})
  for address in next, found do list[#list + 1] = address end
  table.sort(list)
  return list
end

local function any(v, test)
  if type(v) ~= "table" then return false end
  if test(v) then return true end
  if is_special(v) then return false end
  for _, item in next, v do
    if type(item) == "table" and any(item, test) then return true end
  end
  return false
end

local function find_unknown(v)
  if type(v) ~= "table" then return nil end
  local mt = getmetatable(v)
  if mt == unknown then return v end
  if mt == deferred then return nil end
  if mt == secret then return find_unknown(opened[v]) end
  for _, item in next, v do
    local u = find_unknown(item)
    if u then return u end
  end
end

--- True when an unknown stands anywhere in the tree.
---@param tree any
---@return boolean
function value.has_unknown(tree)
  return find_unknown(tree) ~= nil
end

--- True when a deferred value stands anywhere in the tree.
---@param tree any
---@return boolean
function value.has_ref(tree)
  return any(tree, is_deferred)
end

--- True when the tree holds a secret, or a deferred value that is marked to become one.
---@param tree any
---@return boolean
function value.is_sensitive(tree)
  return any(tree, function(v)
    if is_secret(v) then return true end
    local node = is_deferred(v) and rawget(v, NODE)
    if not node then return false end
    return node.secret or (node.info and node.info.sensitive)
      or (node.inputs and value.is_sensitive(node.inputs)) or false
  end)
end

--- The content of a secret; a sealed one is fetched once.
local function content(v)
  local facts = facts_of(v)
  if opened[v] == nil and facts and facts.digest then
    if not facts.fetch then
      err.raise {
        code = "secret_sealed", class = "config",
        message = ("the value of %s is not at hand"):format(facts.origin and facts.origin.address or "a secret"),
        hint = "declare an AWS::SecretsManager::Secret that keeps it",
      }
    end
    opened[v] = facts.fetch()
    redact.remember(opened[v])
  end
  return opened[v]
end

local function reveal(v)
  if type(v) ~= "table" then return v end
  local mt = getmetatable(v)
  if mt == secret then return reveal(content(v)) end
  if mt == deferred or mt == unknown then return v end
  local out = {}
  for k, item in next, v do out[k] = reveal(item) end
  return setmetatable(out, mt)
end

--- A copy of the tree with its secrets opened. What comes out must never be printed or stored.
---@param tree any
---@return any
value.reveal = reveal

--- What is said instead of the words of a function that failed over a secret: what it had made of it
--- may stand there, and is no secret that is known.
value.HIDDEN_FAILURE = "a function of a secret failed; its words are not shown, because they may tell it"

local function compute(node, inputs)
  local u = find_unknown(inputs)
  if u then return value.unknown { from = u.from, path = u.path } end
  local hidden = node.secret or any(inputs, is_secret)
  local secrets = hidden and inputs
  if hidden then inputs = reveal(inputs) end
  local ok, result = xpcall(node.fn, function(e)
    if err.is(e) then return e end
    local place, message = where.split(tostring(e))
    if hidden then message = value.HIDDEN_FAILURE end
    return err.new {
      code = "deferred", class = "usage", where = node.where or place, message = message,
      traceback = debug.traceback("", 2),
    }
  end, inputs)
  if not ok then error(result, 0) end
  if not hidden then return result end
  -- What comes out as it went in is the same secret: it keeps the word of where it was made.
  for _, item in next, secrets do
    if is_secret(item) and opened[item] == result then return item end
  end
  return value.secret(result)
end

local function resolve(v, lookup)
  if type(v) ~= "table" then return v end
  local mt = getmetatable(v)
  if mt == deferred then
    local node = rawget(v, NODE)
    if node.address then return lookup(node.address, node.path) end
    local result = compute(node, resolve(node.inputs, lookup))
    -- A mapped function may itself answer with a ref ("if a then vpc.VpcId").
    if is_deferred(result) then return resolve(result, lookup) end
    return result
  end
  if mt == secret or mt == unknown then return v end
  local out = {}
  for k, item in next, v do
    if type(item) == "table" then out[k] = resolve(item, lookup) else out[k] = item end
  end
  return mt and setmetatable(out, mt) or out
end

--- A copy of the tree with every deferred value replaced by what `lookup` gives.
--- A deferred value over an unknown gives an unknown; over a secret, a secret.
--- Raises a cso.Err (class usage) when a function of the playbook fails.
---@param tree any
---@param lookup fun(address: string, path: string): any  a value, `value.unknown`, or nil
---@return any
value.resolve = resolve

--- Sets the lookup that `r:value()` uses while steps run; gives the one before.
---@param lookup (fun(address: string, path: string): any)?
---@return (fun(address: string, path: string): any)?
function value.install(lookup)
  local before = installed
  installed = lookup
  return before
end

-- Combining -------------------------------------------------------------------------------------

--- One value from a list of values: known when all of them are.
---@param list any[]
---@return cso.Ref
function value.all(list)
  return value.defer(list, function(known) return known end)
end

require("cso.std.value_cover")(value)
require("cso.std.value_words")(value, {
  node = NODE, deferred = deferred, secret = secret, opened = opened,
  lookup = function() return installed end,
})

return value
