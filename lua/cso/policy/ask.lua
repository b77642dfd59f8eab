--- Questions that several rules of the pack ask.
local hash = require "cso.std.hash"
local json = require "cso.std.json"

local ask = {}

--- A policy document, however it was written: a table, or JSON in a text.
---@param v any
---@return table?
function ask.document(v)
  if type(v) == "string" then
    local tree = json.decode(v)
    return type(tree) == "table" and tree or nil
  end
  return type(v) == "table" and v or nil
end

--- True for a table without anything in it. (A view has no keys of its own that `next` would find.)
---@param v table
---@return boolean
function ask.is_empty(v)
  local step, state, first = pairs(v)
  return step(state, first) == nil
end

--- One or many as a list.
---@param v any
---@return any[]
function ask.list(v)
  if v == nil then return {} end
  if type(v) ~= "table" then return { v } end
  local out = {}
  for i = 1, #v do out[i] = v[i] end
  if #out == 0 and not ask.is_empty(v) then return { v } end
  return out
end

--- The statements of a document that allow something.
---@param v any
---@return table[]
function ask.allowed(v)
  local doc, out = ask.document(v), {}
  for _, statement in ipairs(ask.list(doc and doc.Statement)) do
    if statement.Effect == "Allow" then out[#out + 1] = statement end
  end
  return out
end

--- True when a list, or the one value, holds a value.
---@param v any
---@param wanted any
---@return boolean
function ask.has(v, wanted)
  for _, item in ipairs(ask.list(v)) do
    if item == wanted then return true end
  end
  return false
end

--- True when a statement is for everybody, with nothing that narrows it.
---@param statement table
---@return boolean
function ask.is_for_everybody(statement)
  if statement.Condition ~= nil then return false end
  local who = statement.Principal
  if who == "*" then return true end
  return type(who) == "table" and ask.has(who.AWS, "*")
end

local WORLD = { ["0.0.0.0/0"] = true, ["::/0"] = true }

--- What a rule of a security group opens to everybody: nil, or the address range.
---@param rule table
---@return string?
function ask.open_to(rule)
  if WORLD[rule.CidrIp] then return rule.CidrIp end
  if WORLD[rule.CidrIpv6] then return rule.CidrIpv6 end
end

--- True when a rule of a security group lets a port through.
---@param rule table
---@param port integer
---@return boolean
function ask.covers(rule, port)
  local protocol = tostring(rule.IpProtocol)
  if protocol == "-1" then return true end
  if protocol ~= "tcp" and protocol ~= "6" and protocol ~= "udp" and protocol ~= "17" then return false end
  local from, to = tonumber(rule.FromPort), tonumber(rule.ToPort)
  if not from or from == -1 then return true end
  return from <= port and port <= (to or from)
end

--- The incoming rules of a security group, or the rule that a resource is.
---@param r table
---@return table[]
function ask.ingress(r)
  if r.type == "AWS::EC2::SecurityGroup" then return ask.list(r.SecurityGroupIngress) end
  return { r }
end

--- The text behind base64, or the text itself.
---@param v any
---@return string
function ask.plain_text(v)
  if type(v) ~= "string" then return "" end
  if #v % 4 == 0 and v:match("^[%w+/\r\n]+=*%s*$") and #v > 16 then
    local text = hash.base64_decode((v:gsub("%s", "")))
    if text and utf8.len(text) then return text end
  end
  return v
end

-- What looks like a secret in a text, by what it is.
local looks = {
  { "an access key", "%f[%w]AKIA%u%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w%f[%W]" },
  { "an access key", "%f[%w]ASIA%u%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w%f[%W]" },
  { "a private key", "%-%-%-%-%-BEGIN [%u ]*PRIVATE KEY%-%-%-%-%-" },
  { "a token of GitHub", "%f[%w]gh[pousr]_%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w%w" },
}

local NAMES = { "password", "passwd", "secret", "token", "apikey", "api_key", "private_key", "access_key" }

--- True when a name says that its value is a secret.
---@param name string
---@return boolean
function ask.names_secret(name)
  local low = name:lower()
  -- What only tells where a secret is kept is none.
  if low:find("arn") or low:find("_id$") or low:find("path") or low:find("file") or low:find("name$") then return false end
  for _, word in ipairs(NAMES) do
    if low:find(word, 1, true) then return true end
  end
  return false
end

-- A value that is spelt out, not one that is looked up where the text runs.
local function is_literal(v)
  return #v >= 6 and not v:find("^[%$`<{]") and not v:find("^/") and not v:find("^arn:") and not v:find("^%%")
end

--- What of a text looks like a secret: nil, or what it looks like. Never the secret.
---@param text string
---@return string?
function ask.secret_in(text)
  for _, look in ipairs(looks) do
    if text:find(look[2]) then return look[1] end
  end
  for name, v in text:gmatch("([%w_%-]+)%s*[=:]%s*[\"']?([^%s\"',;]+)") do
    if ask.names_secret(name) and is_literal(v) then return "the value of " .. name end
  end
end

return ask
