--- What was done to a stack: a list of its runs, and everything that is kept of one.
local change = require "cso.ui.change"
local deep = require "cso.std.deep"
local summary = require "cso.ui.summary"
local term = require "cso.ui.term"
local text = require "cso.std.text"

local history = {}

local function when(at) return os.date("!%Y-%m-%d %H:%M:%S", math.floor(at)) end

local function took(run) return run.finished and term.seconds(run.finished - run.started) or "" end

--- "3 created, 1 updated" of a run's result.
local function outcome(run, undone)
  if not run.finished then return "did not end: killed, or still running" end
  local result = run.result or {}
  local parts = { summary.counts(result.counts or {}) }
  if (result.failed or 0) > 0 then parts[#parts + 1] = ("%d failed"):format(result.failed) end
  if (result.skipped or 0) > 0 then parts[#parts + 1] = ("%d not tried"):format(result.skipped) end
  if result.interrupted then parts[#parts + 1] = "interrupted" end
  if undone[run.id] then parts[#parts + 1] = "undone by " .. undone[run.id] end
  return table.concat(parts, ", ")
end

---@param runs table[]
---@param undone table<string, string>   runs that were undone, and by which
---@param paint cso.ui.Paint
---@return string
function history.list(runs, undone, paint)
  local rows = {}
  for i, run in ipairs(runs) do
    local command = run.facts.undoes and ("%s %s"):format(run.command, run.facts.undoes) or run.command
    rows[i] = { run.id, when(run.started), command, run.who, took(run), outcome(run, undone) }
  end
  return text.table({ "RUN", "STARTED (UTC)", "COMMAND", "WHO", "TOOK", "RESULT" }, rows, paint.bold)
end

local function head(run, paint, out)
  local facts = run.facts
  local function line(name, v)
    if v ~= nil and v ~= "" then out[#out + 1] = ("%s %s"):format(paint.dim(term.pad(name, 9)), term.clean(tostring(v))) end
  end
  line("run", run.id)
  line("command", facts.undoes and ("%s %s"):format(run.command, facts.undoes) or run.command)
  line("who", run.who)
  line("caller", facts.caller)
  line("region", facts.region and (facts.region .. (facts.simulated and " (simulated account)" or "")))
  line("playbook", facts.playbook and (facts.playbook .. (facts.digest and "  sha256 " .. facts.digest:sub(1, 16) or "")))
  line("started", when(run.started) .. " UTC")
  line("took", took(run))
  line("result", outcome(run, {}))
  for _, failure in ipairs(run.result and run.result.failures or {}) do
    line("failed", ("%s: %s"):format(failure.address, failure.message))
  end
end

local function change_lines(things, paint, out)
  if #things == 0 then return end
  out[#out + 1] = ""
  out[#out + 1] = paint.bold("Changes:")
  for _, thing in ipairs(things) do
    local undo = thing.inverse == "delete" and "undone by its deletion" or thing.inverse == "none" and "has no inverse"
      or "what it was before is kept"
    out[#out + 1] = ("  %s  %s%s"):format(paint.bold(thing.address), thing.action,
      paint.dim(thing.touched and "" or " (not come to)") .. paint.dim("  " .. undo))
    for _, what in ipairs(thing.loses or {}) do out[#out + 1] = "      " .. paint.red("lost for good ") .. term.clean(what) end
    local show = thing.action == "create" and change.added or change.lines
    for _, c in ipairs(thing.changes or {}) do show(c, "      ", paint, out) end
  end
end

local function call_lines(calls, paint)
  local rows = {}
  for i, call in ipairs(calls) do
    rows[i] = { when(call.at), call.address, ("%s.%s"):format(call.service, call.operation),
      call.finished and term.seconds(call.finished - call.at) or "", call.outcome or "unknown: no answer was written down",
      call.detail or "" }
  end
  return text.table({ "AT (UTC)", "ADDRESS", "CALL", "TOOK", "OUTCOME", "ID OR ERROR" }, rows, paint.bold)
end

local function tally(counts, paint)
  local rows = {}
  for name, one in deep.sorted_pairs(counts or {}) do
    rows[#rows + 1] = { name, tostring(one.n), one.retries > 0 and tostring(one.retries) or "",
      one.failed > 0 and tostring(one.failed) or "", ("%.0f ms"):format(one.ms / math.max(1, one.n + one.retries)) }
  end
  if #rows == 0 then return "" end
  return "\n" .. text.table({ "OPERATION", "CALLS", "RETRIES", "REFUSED", "EACH" }, rows, paint.bold)
end

--- Everything that is kept of a run.
---@param all { run: table, things: table[], calls: table[] }
---@param opts { paint: cso.ui.Paint }
---@return string
function history.show(all, opts)
  local paint, out = opts.paint, {}
  head(all.run, paint, out)
  change_lines(all.things, paint, out)
  local result = all.run.result or {}
  local path = summary.path(result.critical, paint)
  if path then
    out[#out + 1] = ""
    out[#out + 1] = path
  end
  out[#out + 1] = ""
  return table.concat(out, "\n") .. "\n" .. (#all.calls > 0 and call_lines(all.calls, paint) or "")
    .. tally(result.calls, paint)
end

return history
