--- A typed line as a Lua chunk: an expression gives its values, a statement runs, an unfinished
--- one asks for more.
local where = require "cso.std.where"

local chunk = {}

-- What is typed is the user's, as a playbook is: a text of a secret is refused there, too.
local NAME = "=typed"

--- Loads a line.
---@param text string
---@param env table  where its globals live
---@return function? fn
---@return string? message  without the name of the chunk
---@return boolean? incomplete  more lines may complete it
function chunk.load(text, env)
  where.mark(NAME)
  local fn = load("return " .. text, NAME, "t", env)
  if fn then return fn end
  local message
  fn, message = load(text, NAME, "t", env)
  if fn then return fn end
  local incomplete = message:find("near <eof>", 1, true) ~= nil
  return nil, (message:gsub("^typed:1: ", ""):gsub("^typed:(%d+): ", "line %1: ")), incomplete
end

--- True when Enter should run the text: it is a command, it is complete, it is plainly wrong, or
--- an empty line was typed behind an unfinished one.
---@param text string
---@return boolean
function chunk.is_complete(text)
  if text:match("^%s*:") or text:match("\n%s*$") then return true end
  local _, _, incomplete = chunk.load(text, {})
  return not incomplete
end

--- A typed line in which `local x = …` is a global: in a REPL every line is a chunk of its own,
--- and a local would be gone before it could be used.
---@param text string
---@return string
function chunk.keep_locals(text)
  local names, rest = text:match("^%s*local%s+([%w_%s,]+)(=.*)$")
  if names and not names:match("function") then return names .. rest end
  local fn = text:match("^%s*local%s+(function%s.*)$")
  return fn or text
end

return chunk
