--- An error for people: what happened, where (with the line of the playbook), why, what to do.
local redact = require "cso.std.redact"
local term = require "cso.ui.term"

local render = {}

-- A traceback inside of a message is for --trace.
local function without_traceback(text, trace)
  return trace and text or (text:gsub("\n%s*stack traceback:.*", ""))
end

local function indented(text, pad)
  return (term.clean(text):gsub("\n", "\n" .. pad))
end

-- More of a line than this helps nobody.
local WIDEST = 160

local function cut(text)
  if #text <= WIDEST then return text end
  return text:sub(1, (utf8.offset(text, 0, WIDEST) or WIDEST) - 1) .. " …"
end

local LONGEST = 2048
-- Of tokens one alone: HttpTokens = "required" is a setting.
local TELLING = { "password", "passphrase", "secret", "token$" }

-- A line of source without what may be secret in it: what is known to be, and, as nothing is known yet of a
-- file that could not be run, texts behind a word that says so.
local function harmless(line)
  -- A line may be a file's whole hundred megabytes; only its beginning is shown, and what is quoted there ends.
  if #line > LONGEST then line = line:sub(1, LONGEST) .. "\"'" end
  line = redact.text(line)
  return (line:gsub("(%w+)(%s*[=(]?%s*)([\"'])(.-)%3", function(name, between, quote, text)
    local lower, hidden = name:lower(), name == "secret"
    for _, word in ipairs(between:find "=" and TELLING or {}) do hidden = hidden or lower:find(word) end
    if hidden and text ~= "" then return name .. between .. quote .. "…" .. quote end
  end))
end

-- The lines around the place, as compilers show them.
local function excerpt(where, read, paint, out)
  local file, line = where:match("^(.-):(%d+)")
  line = tonumber(line)
  local source = file and read and read(file)
  if not source then return end
  local n = 0
  local number_width = #tostring(line + 1)
  for text in (source .. "\n"):gmatch("([^\n]*)\r?\n") do
    n = n + 1
    if n >= line - 1 and n <= line + 1 and not (n ~= line and text:match("^%s*$")) then
      local number = ("%" .. number_width .. "d"):format(n)
      local body = term.clean(cut((harmless(text):gsub("\t", "  "))))
      out[#out + 1] = n == line
        and ("  %s %s %s"):format(paint.red(number), paint.red(paint.signs.pipe), body)
        or ("  %s %s %s"):format(paint.dim(number), paint.dim(paint.signs.pipe), paint.dim(body))
    end
  end
end

-- What AWS's people ask for when one calls them.
local function service_line(e)
  if not e.operation and not e.request_id then return nil end
  local words = {}
  if e.operation then
    words[#words + 1] = (e.service and e.service .. "." or "") .. e.operation
  end
  if e.status then words[#words + 1] = "HTTP " .. tostring(e.status) end
  if e.request_id then words[#words + 1] = "request " .. tostring(e.request_id) end
  if e.attempts and e.attempts > 1 then words[#words + 1] = ("%d attempts"):format(e.attempts) end
  return table.concat(words, ", ")
end

local function code_of(e)
  if not e.code or e.code == "" or (e.message or ""):find(e.code, 1, true) then return "" end
  return (" [%s]"):format(term.clean(tostring(e.code)))
end

--- Renders an error, its causes included.
---@param e cso.Err
---@param opts { paint: cso.ui.Paint, read: (fun(file: string): string?)?, address: string?, trace: boolean? }
---@return string text  ends with a newline
function render.error(e, opts)
  local paint = opts.paint
  local out = {}
  local message = without_traceback(e.message or "unknown failure", opts.trace)
  -- The request's id has a place of its own below.
  if e.request_id then
    local id = (" (request %s)"):format(e.request_id)
    local at = message:find(id, 1, true)
    if at then message = message:sub(1, at - 1) .. message:sub(at + #id) end
  end
  local head = paint.bold(paint.red(e.severity == "warning" and "warning" or "error"))
  local subject = opts.address or e.address
  out[#out + 1] = ("%s%s: %s%s"):format(head, subject and " " .. paint.bold(subject) or "",
    indented(message, "  "), paint.dim(code_of(e)))
  if e.where then
    out[#out + 1] = paint.dim("  at ") .. e.where
    excerpt(e.where, opts.read, paint, out)
  end
  for _, problem in ipairs(e.problems or {}) do
    local text = type(problem) == "table" and (problem.message or tostring(problem)) or problem
    out[#out + 1] = ("  %s %s"):format(paint.signs.bullet, indented(text, "    "))
  end
  local call = service_line(e)
  if call then out[#out + 1] = paint.dim("  call: " .. term.clean(call)) end
  local cause, depth = e.cause, 0
  while type(cause) == "table" and depth < 8 do
    out[#out + 1] = paint.dim("  because: ") .. indented(cause.message or tostring(cause), "  ")
      .. paint.dim(code_of(cause))
    local inner = service_line(cause)
    if inner then out[#out + 1] = paint.dim("    call: " .. term.clean(inner)) end
    cause, depth = cause.cause, depth + 1
  end
  if e.hint then
    out[#out + 1] = paint.cyan("  hint: ") .. indented(e.hint, "        ")
  end
  if opts.trace and e.traceback then
    out[#out + 1] = paint.dim("  " .. indented(e.traceback, "  "))
  end
  return table.concat(out, "\n") .. "\n"
end

return render
