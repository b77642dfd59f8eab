--- The last words of a run: what was done, what failed and why, how long it took and what the
--- time went into.
local error_text = require "cso.ui.error"
local progress = require "cso.ui.progress"
local term = require "cso.ui.term"

local summary = {}

-- Actions as apply counts them, in the order in which they are told.
local order = { "create", "update", "replaced", "delete", "adopt", "forget", "read", "run", "partly" }
local words = { replaced = "replaced", run = "step%s passed", partly = "done in part" }

-- In which steps of the critical path the time went: the longest few, in the order of the path.
local PATH_LENGTH = 5

local function critical_lines(critical, paint, out)
  if not critical or not critical.path or #critical.path == 0 then return end
  local by_address, list = {}, {}
  for _, item in ipairs(critical.path) do
    local entry = by_address[item.address]
    if not entry then
      entry = { address = item.address, seconds = 0 }
      by_address[item.address] = entry
      list[#list + 1] = entry
    end
    entry.seconds = entry.seconds + item.seconds
  end
  local rank = table.move(list, 1, #list, 1, {})
  table.sort(rank, function(a, b)
    if a.seconds ~= b.seconds then return a.seconds > b.seconds end
    return a.address < b.address
  end)
  local keep = {}
  for i = 1, math.min(PATH_LENGTH, #rank) do keep[rank[i]] = true end
  local parts, left_out = {}, 0
  for _, entry in ipairs(list) do
    if keep[entry] then
      parts[#parts + 1] = ("%s %s"):format(entry.address, paint.dim(term.seconds(entry.seconds)))
    else
      left_out = left_out + 1
    end
  end
  local text = table.concat(parts, " " .. paint.signs.arrow .. " ")
  if left_out > 0 then text = text .. paint.dim((" (and %d short ones)"):format(left_out)) end
  out[#out + 1] = paint.dim("Longest path: ") .. text
end

--- Counts as words: "3 created, 1 updated"; "nothing" when all are zero.
---@param counts table<string, integer>
---@return string
function summary.counts(counts)
  local parts = {}
  for _, action in ipairs(order) do
    local n = counts[action] or 0
    if n > 0 then
      local word = words[action] or progress.past(action)
      parts[#parts + 1] = ("%d %s"):format(n, (word:gsub("%%s", n == 1 and "" or "s")))
    end
  end
  return #parts > 0 and table.concat(parts, ", ") or "nothing changed"
end

-- Failures that say the same of many things are told once, with the addresses.
local function failure_lines(failed, opts, out)
  local groups, list = {}, {}
  for _, failure in ipairs(failed) do
    local e = failure.err or failure
    local key = ("%s\0%s\0%s"):format(e.code or "", e.service or "", e.operation or e.message or "")
    local group = groups[key]
    if not group then
      group = { first = failure, more = {} }
      groups[key] = group
      list[#list + 1] = group
    else
      table.insert(group.more, failure.address or "?")
    end
  end
  for _, group in ipairs(list) do
    local failure = group.first
    local text = error_text.error(failure.err or failure, { paint = opts.paint, read = opts.read,
      address = failure.address, trace = opts.trace })
    out[#out + 1] = text
    if #group.more > 0 then
      table.sort(group.more)
      out[#out + 1] = ("  the same for %s\n"):format(summary.some(group.more))
    end
  end
end

--- The line of the longest path, or nil.
---@param critical table?
---@param paint cso.ui.Paint
---@return string?
function summary.path(critical, paint)
  local out = {}
  critical_lines(critical, paint, out)
  return out[1]
end

local SOME = 6

--- The first few names of a list, and how many more there are.
---@param names string[]
---@return string
function summary.some(names)
  if #names <= SOME then return table.concat(names, ", ") end
  return ("%s and %d more"):format(table.concat(names, ", ", 1, SOME), #names - SOME)
end

-- What was skipped because of what was skipped goes back to what failed.
local function causes_of(skipped)
  local because, seen, causes = {}, {}, {}
  for _, item in ipairs(skipped) do because[item.address] = item.because end
  for _, item in ipairs(skipped) do
    local cause, steps = item.because, 0
    while because[cause] and steps < #skipped do
      cause, steps = because[cause], steps + 1
    end
    if not seen[cause] then
      seen[cause] = true
      causes[#causes + 1] = cause
    end
  end
  table.sort(causes)
  return causes
end

--- The summary of a finished run.
---@param result table  as `apply.run` returns it
---@param opts { paint: cso.ui.Paint, read: function?, trace: boolean?, verb: string? }
---@return string
function summary.run(result, opts)
  local paint, out = opts.paint, {}
  local failed, skipped = result.failed or {}, result.skipped or {}
  failure_lines(failed, opts, out)
  if #skipped > 0 then
    out[#out + 1] = ("%d not tried because %s: %s\n"):format(#skipped,
      result.keyless and "the keys have ended" or "what they need failed", summary.some(causes_of(skipped)))
  end
  local head
  if result.interrupted then
    head = paint.bold(paint.yellow("Interrupted: "))
  elseif #failed > 0 then
    head = paint.bold(paint.red("Failed: "))
  else
    head = paint.bold(paint.green((opts.verb or "Applied") .. ": "))
  end
  local line = head .. summary.counts(result.counts or {})
  if #failed > 0 then line = line .. ", " .. paint.red(("%d failed"):format(#failed)) end
  if #skipped > 0 then line = line .. (", %d not tried"):format(#skipped) end
  out[#out + 1] = line .. paint.dim(" in " .. term.seconds(result.seconds or 0)) .. ".\n"
  local tail = {}
  critical_lines(result.critical, paint, tail)
  if tail[1] then out[#out + 1] = tail[1] .. "\n" end
  if result.interrupted or #failed > 0 then
    out[#out + 1] = "What was done is remembered; the same command goes on from there.\n"
  end
  return table.concat(out)
end

return summary
