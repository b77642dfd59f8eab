--- One evaluation of a playbook: what it has declared so far, where it stands (module, target), and
--- what it may use of the outside. The words of the language work on the current evaluation.
local err = require("cso.std.err")
local where = require("cso.std.where")

local evaluation = {}

---@class cso.Evaluation
---@field file string                 the playbook, as it was named
---@field dir string                  its folder
---@field opts table                  what playbook.load was given
---@field phase "evaluate"|"done"     declaring is possible in the first only
---@field declarations table[]
---@field by_address table<string, table>
---@field outputs table<string, table>
---@field checks table[]
---@field stack table?
---@field module string               "" or "net/" …
---@field target table                region, profile, role of what is declared now
---@field modules table<string, string>  module path -> where it was used
---@field dirs table<string, string>  file -> its folder, for files read with require and use
---@field loaded table<string, any>   what require gave
---@field unfinished table<function, table>  `EC2.VPC "main"` without its properties: what and where

local current

--- Makes an evaluation; `evaluation.enter` makes it the current one.
---@param file string
---@param opts table
---@return cso.Evaluation
function evaluation.new(file, opts)
  return {
    file = file, dir = file:match("^(.*)/[^/]*$") or ".", opts = opts, phase = "evaluate",
    declarations = {}, by_address = {}, outputs = {}, checks = {}, module = "", target = {},
    modules = {}, dirs = {}, loaded = {}, unfinished = {},
  }
end

--- Makes an evaluation the current one; gives the one before.
---@param e cso.Evaluation?
---@return cso.Evaluation?
function evaluation.enter(e)
  local before = current
  current = e
  return before
end

--- The current evaluation, or nil.
---@return cso.Evaluation?
function evaluation.current()
  return current
end

--- Raises a usage error at the user's line.
---@param code string
---@param message string
---@param more table?  hint, problems, where, class
function evaluation.fail(code, message, more)
  local fields = { code = code, class = "usage", message = message }
  for k, v in pairs(more or {}) do fields[k] = v end
  fields.where = fields.where or where.here(2)
  if fields.where == "" then fields.where = nil end -- nothing of the user's: a command line
  err.raise(fields)
end

--- The current evaluation, while it still declares; raises otherwise.
---@param what string  the word, for the message
---@return cso.Evaluation
function evaluation.declaring(what)
  if not current then
    evaluation.fail("no_playbook", what .. " works only in a playbook")
  end
  if current.phase ~= "evaluate" then
    evaluation.fail("too_late", what .. " can't be used inside a step: the plan is made already",
      { hint = "declare it outside of the step's run" })
  end
  return current
end

--- Text "file:line" of a declaration's place.
---@param place { file: string, line: integer }?
---@return string?
function evaluation.place(place)
  return place and place.file and place.file .. ":" .. place.line or nil
end

return evaluation
