--- The playbook's own checks. A failed one does not stop the plan from being shown; apply refuses.
return function(work)
  work.checks_failed = {}
  for _, check in ipairs(work.program and work.program.checks or {}) do
    if not check.ok then work.checks_failed[#work.checks_failed + 1] = check end
  end
  return true
end
