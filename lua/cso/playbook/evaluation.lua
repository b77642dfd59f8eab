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
---@field moved { from: string, to: string, where: string? }[]
---@field forgotten table<string, string>  address -> where that was said
---@field policies { id: string, fields: table, where: string? }[]
---@field policy table?               { builtin, skip, where }: what holds for the whole stack
---@field stack table?
---@field main cso.Standpoint         where the playbook's own lines stand
---@field standpoints table<thread, cso.Standpoint>  those of tasks that the playbook started
---@field modules table<string, string>  module path -> where it was used
---@field dirs table<string, string>  file -> its folder, for files read with require and use
---@field files table<string, string>   file that was read -> SHA-256 of its content, hex
---@field environment table<string, any>  what cso.env gave, overlays and assignments in it
---@field loaded table<string, any>   what require gave
---@field unfinished cso.Unfinished[]  `EC2.VPC "main"` without its properties, and some that have them by now

---@class cso.Standpoint
---@field module string               "" or "net/": under which address things are declared now
---@field target table                region, profile, role of what is declared now

local current

--- Makes an evaluation; `evaluation.enter` makes it the current one.
---@param file string
---@param opts table
---@return cso.Evaluation
function evaluation.new(file, opts)
  return {
    file = file, dir = file:match("^(.*)/[^/]*$") or ".", opts = opts, phase = "evaluate",
    declarations = {}, by_address = {}, outputs = {}, checks = {},
    main = { module = "", target = {} }, standpoints = setmetatable({}, { __mode = "k" }),
    modules = {}, dirs = {}, loaded = {}, unfinished = {}, files = {}, environment = {},
    moved = {}, forgotten = {}, policies = {},
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

--- Where the running code stands. Tasks that build modules side by side each have their own.
---@param e cso.Evaluation
---@return cso.Standpoint
function evaluation.standpoint(e)
  if next(e.standpoints) == nil then return e.main end -- no module is built by a task
  return e.standpoints[coroutine.running()] or e.main
end

---@class cso.Unfinished
---@field what string                 for people
---@field name string
---@field where { file: string?, line: integer? }
---@field given table?                what else was given with the name
---@field finished boolean?

--- Notes that something was begun that needs a table behind it.
---@param e cso.Evaluation
---@param what string
---@param name string
---@param place { file: string?, line: integer? }
---@param given table?
---@return cso.Unfinished
function evaluation.unfinished(e, what, name, place, given)
  local one = { what = what, name = name, where = place, given = given }
  e.unfinished[#e.unfinished + 1] = one
  return one
end

--- Notes that it has its table. Most are finished before another is begun.
---@param e cso.Evaluation
---@param one cso.Unfinished
function evaluation.finished(e, one)
  local list = e.unfinished
  local n = #list
  if list[n] ~= one then
    one.finished = true
    return
  end
  repeat
    list[n] = nil
    n = n - 1
  until n == 0 or not list[n].finished
end

--- A function that, run by another task, stands where it was made.
---@param e cso.Evaluation
---@param fn function
---@return function
function evaluation.carry(e, fn)
  local from, maker = evaluation.standpoint(e), coroutine.running()
  local module, target = from.module, from.target
  return function(...)
    local thread = coroutine.running()
    if thread == maker or e.standpoints[thread] then return fn(...) end
    e.standpoints[thread] = { module = module, target = target }
    -- The coroutine may serve another task after this one.
    local _ <close> = setmetatable({}, { __close = function() e.standpoints[thread] = nil end })
    return fn(...)
  end
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
