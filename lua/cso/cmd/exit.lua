--- What each exit code means, and which one a failure gives. The only place that knows.
local exit = {}

--- Exit codes by what happened.
exit.codes = {
  ok = 0,
  failed = 1,
  changes = 2,
  usage = 3,
  credentials = 4,
  locked = 5,
  policy = 6,
  partial = 7,
  interrupted = 130,
}

--- The same as lines for the help.
exit.meaning = {
  { 0, "done, or nothing to do" },
  { 1, "failed: a service, the network, or csorun itself" },
  { 2, "changes are pending (plan --detailed-exitcode)" },
  { 3, "usage or configuration" },
  { 4, "credentials missing, expired or refused" },
  { 5, "the stack is locked by another run" },
  { 6, "a policy or a check said no" },
  { 7, "partly applied: some changes were made, some failed" },
  { 130, "interrupted" },
}

local by_class = {
  usage = exit.codes.usage,
  config = exit.codes.usage,
  credentials = exit.codes.credentials,
  locked = exit.codes.locked,
  policy = exit.codes.policy,
  interrupted = exit.codes.interrupted,
}

--- The exit code for an error: by its class, 1 where the class has no code of its own.
---@param e cso.Err
---@return integer
function exit.of(e)
  return by_class[e.class] or exit.codes.failed
end

--- The exit code for a finished apply (counts and failures as `apply.run` returns them).
--- A run that changed something and then failed is worth its own code: a script that
--- repeats it goes on from there.
---@param result table { counts, failed, skipped, interrupted, keyless }
---@return integer
function exit.of_result(result)
  if result.interrupted then return exit.codes.interrupted end
  if #(result.failed or {}) == 0 then return exit.codes.ok end
  -- Whatever was made before: who repeats it needs other keys first.
  if result.keyless then return exit.codes.credentials end
  local conditions = true
  for _, failure in ipairs(result.failed) do
    conditions = conditions and (failure.err or failure).code == "condition_failed"
  end
  -- What the playbook itself refused is told as that, whatever was done before.
  if conditions then return exit.codes.policy end
  for action, n in pairs(result.counts or {}) do
    if n > 0 and action ~= "noop" and action ~= "failed" and action ~= "skipped" then
      return exit.codes.partial
    end
  end
  local only = exit.of(result.failed[1].err or result.failed[1])
  for _, failure in ipairs(result.failed) do
    if exit.of(failure.err or failure) ~= only then return exit.codes.failed end
  end
  return only
end

return exit
