--- What policy says of a plan, for people.
local deep = require "cso.std.deep"
local literal = require "cso.std.literal"
local term = require "cso.ui.term"

local words = { deny = "deny", warn = "warn", fix = "fix" }

local function color_of(paint, found)
  if found.status == "unknown" or found.status == "suppressed" then return paint.dim end
  if found.level == "deny" then return paint.red end
  return found.level == "warn" and paint.yellow or paint.cyan
end

local function place(found)
  return found.where and ("%s:%s"):format(found.where.file, found.where.line) or nil
end

local function fix_of(found)
  if not found.fix then return nil end
  local parts = {}
  for name, v in deep.sorted_pairs(found.fix) do parts[#parts + 1] = name .. " = " .. literal.of(v) end
  return table.concat(parts, ", ")
end

local function lines(found, paint, out)
  local word = found.status == "unknown" and "open" or words[found.level]
  out[#out + 1] = ("  %s %s %s  %s: %s\n"):format(color_of(paint, found)(word), paint.bold(found.rule),
    paint.dim("(" .. found.severity .. ")"), found.address, (term.clean(found.text):gsub("\n", "\n       ")))
  if place(found) then out[#out + 1] = paint.dim("       at " .. place(found)) .. "\n" end
  if found.status == "violated" then
    if found.why then out[#out + 1] = paint.dim("       why: " .. term.clean(found.why)) .. "\n" end
    if found.hint then out[#out + 1] = paint.cyan("       do: ") .. term.clean(found.hint) .. "\n" end
    local fix = fix_of(found)
    if fix and fix ~= found.hint then out[#out + 1] = paint.cyan("       fix: ") .. fix:gsub("\n", "\n       ") .. "\n" end
  end
end

---@param findings cso.policy.Finding[]
---@param counts table<string, integer>
---@param opts { paint: cso.ui.Paint, full: boolean?, rules: integer }
---@return string text
return function(findings, counts, opts)
  local paint, out = opts.paint, { "\n" }
  for _, found in ipairs(findings) do
    if found.status ~= "suppressed" and (found.status ~= "unknown" or opts.full) then lines(found, paint, out) end
  end
  for _, found in ipairs(findings) do
    if found.status == "suppressed" and opts.full then
      out[#out + 1] = paint.dim(("  skip %s  %s: %s\n"):format(found.rule, found.address, term.clean(found.reason)))
    end
  end
  local parts = {}
  for _, pair in ipairs { { "deny", "denied" }, { "warn", "warned of" }, { "fixed", "fixed" },
    { "unknown", "can't be known yet" }, { "suppressed", "skipped with a reason" } } do
    if counts[pair[1]] > 0 then parts[#parts + 1] = ("%d %s"):format(counts[pair[1]], pair[2]) end
  end
  out[#out + 1] = ("Policy (%d rules): %s.\n"):format(opts.rules, #parts > 0 and table.concat(parts, ", ") or "nothing to say")
  return table.concat(out)
end
