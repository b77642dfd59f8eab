--- What a rehearsal found, for people.
local render = require "cso.ui.error"

local function plural(n, one) return ("%d %s%s"):format(n, one, n == 1 and "" or "s") end

local function verdict(result, paint)
  if result.changes == 0 then return "Rehearsal: there is nothing to rehearse." end
  local failed = #result.failures
  if failed == 0 then
    return ("Rehearsal: %s went through in the simulator."):format(plural(result.changes - #result.left_out, "change"))
  end
  return paint.bold(("Rehearsal: %s would fail"):format(plural(failed, "change")))
    .. (#result.skipped > 0 and (", and %s wait%s for what fails"):format(plural(#result.skipped, "other"),
      #result.skipped == 1 and "s" or "") or "") .. ". Nothing was changed in the account."
end

---@param result cso.Rehearsal   and `steps`: addresses that were taken for passed
---@param opts { paint: cso.ui.Paint, read: (fun(file: string): string?)?, trace: boolean? }
---@return string text  ends with a newline
return function(result, opts)
  local paint, out = opts.paint, { "\n" }
  for _, failure in ipairs(result.failures) do
    out[#out + 1] = render.error(failure.err, { paint = paint, read = opts.read, trace = opts.trace,
      address = ("%s %s"):format(failure.action or "change", failure.address) })
  end
  out[#out + 1] = verdict(result, paint) .. "\n"
  for _, one in ipairs(result.left_out) do
    out[#out + 1] = paint.dim(("  not rehearsed: %s: %s\n"):format(one.address, one.why))
  end
  if #(result.by_schema or {}) > 0 then
    out[#out + 1] = paint.dim(("  by their schema only: %s\n"):format(table.concat(result.by_schema, ", ")))
  end
  if #(result.steps or {}) > 0 then
    out[#out + 1] = paint.dim(("  taken for passed: %s\n"):format(table.concat(result.steps, ", ")))
  end
  return table.concat(out)
end
