--- --policy-out FORMAT:FILE: findings for other programs.
local err = require "cso.std.err"
local fs = require "cso.std.fs"

local reports = {}

local formats = { json = "cso.policy.report.json", sarif = "cso.policy.report.sarif", junit = "cso.policy.report.junit" }

--- Writes findings into files.
---@param places string[]?   "sarif:out.sarif"
---@param job { findings: table[], rules: table[]?, name: string?, file: string? }
---@return true? ok, cso.Err?
function reports.write(places, job)
  for _, place in ipairs(places or {}) do
    local format, path = place:match("^(%a+):(.+)$")
    if not formats[format] then
      return nil, err.new { code = "policy_out", class = "usage", message = "--policy-out " .. place .. " names no format",
        hint = "--policy-out sarif:FILE, junit:FILE or json:FILE" }
    end
    local text = require(formats[format])(job.findings, job.rules or {}, { stack = job.name, file = job.file })
    local ok, e = fs.write_atomic(path, text, tonumber("644", 8))
    if not ok then
      return nil, err.new { code = "policy_out", class = "config", message = ("%s can't be written: %s"):format(path, e.message) }
    end
  end
  return true
end

return reports
