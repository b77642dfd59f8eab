--- --policy-out FORMAT:FILE: findings for other programs.
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local texts = require "cso.std.text"

local reports = {}

local formats = { json = "cso.policy.report.json", sarif = "cso.policy.report.sarif", junit = "cso.policy.report.junit" }

-- Rules say what they like; a report is read by programs, which take no other text than UTF-8.
local function readable(v)
  if type(v) == "string" then return texts.valid(v) end
  if type(v) ~= "table" or getmetatable(v) then return v end
  local out = {}
  for k, item in next, v do out[k] = readable(item) end
  return out
end

--- Writes findings into files.
---@param places string[]?   "sarif:out.sarif"
---@param job { findings: table[], rules: table[]?, name: string?, file: string? }
---@return true? ok, cso.Err?
function reports.write(places, job)
  local findings, rules
  for _, place in ipairs(places or {}) do
    local format, path = place:match("^(%a+):(.+)$")
    if not formats[format] then
      return nil, err.new { code = "policy_out", class = "usage", message = "--policy-out " .. place .. " names no format",
        hint = "--policy-out sarif:FILE, junit:FILE or json:FILE" }
    end
    findings, rules = findings or readable(job.findings), rules or readable(job.rules or {})
    local text = require(formats[format])(findings, rules, { stack = job.name, file = job.file, now = os.time() })
    local ok, e = fs.write_atomic(path, text, tonumber("644", 8))
    if not ok then
      return nil, err.new { code = "policy_out", class = "config", message = ("%s can't be written: %s"):format(path, e.message) }
    end
  end
  return true
end

return reports
