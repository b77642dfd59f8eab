--- Options of the matrices, as --name value.
local uv = require "luv"

local options = {}

local function whole(text)
  local n = math.tointeger(tonumber(text))
  return n and n > 0 and n or nil, "a whole number above 0"
end

local function one_of(...)
  local set, words = {}, table.concat({ ... }, ", ")
  for _, word in ipairs { ... } do set[word] = true end
  return function(text) return set[text] and text or nil, "one of " .. words end
end

local DEFAULT = "playbooks/prod-ha.lua"

local function text(v) return v end

local function share(v)
  local n = tonumber(v)
  return n and n > 0 and n <= 1 and n or nil, "a number between 0 and 1"
end

local KNOWN = {
  every = whole, first = whole, seeds = whole, seed = whole, rate = share, kind = text, keep = text, playbook = text,
  from = text, resume = text, story = text, env = text, phase = text, last = whole, jobs = whole,
  variant = one_of("once", "twice", "instead", "elsewhere"),
}

--- Reads options.
---@param words string[]
---@return table? opts, string? problem
function options.parse(words)
  local opts = { jobs = 2, keep = uv.cwd() .. "/build/matrix", playbook = DEFAULT }
  local at = 1
  while at <= #words do
    local name, value = words[at]:match("^%-%-(%w+)$"), words[at + 1]
    local read = KNOWN[name or ""]
    if not read then return nil, "there is no option " .. words[at] end
    if value == nil then return nil, words[at] .. " wants a value" end
    local got, wanted = read(value)
    if got == nil then return nil, ("%s is %s, not %s"):format(words[at], wanted, value) end
    opts[name] = got
    at = at + 2
  end
  opts.chosen = opts.playbook ~= DEFAULT and opts.playbook or nil
  -- csorun runs in a folder of its own.
  if not opts.playbook:find("^/") then opts.playbook = uv.cwd() .. "/" .. opts.playbook end
  if opts.env and not opts.env:find("^/") then opts.env = uv.cwd() .. "/" .. opts.env end
  -- The words that every command is given.
  opts.book = opts.env and { opts.playbook, "--env", opts.env } or { opts.playbook }
  return opts
end

return options
