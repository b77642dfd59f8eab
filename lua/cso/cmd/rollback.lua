--- csorun rollback RUN: undoes a run that only created things, by deleting them.
local choices = require "cso.cmd.choices"

local function refuse(class, code, message, hint, problems)
  local err = require "cso.std.err"
  return nil, err.new { code = code, class = class, message = message, hint = hint, problems = problems }
end

local function find_run(store, id)
  local ids = {}
  for i, run in ipairs(store:runs()) do
    if run.id == id then return run end
    ids[i] = run.id
  end
  local near = require "cso.std.suggest"(id, ids)
  return refuse("usage", "unknown_run", "there is no run " .. id,
    near and ("did you mean %s?"):format(near) or "see csorun history")
end

--- What a run did to each address: create, update, delete, move.
local function deeds_of(store, id)
  local deeds = {}
  for _, call in ipairs(store:calls_of(id)) do
    if call.outcome ~= "failed" then
      deeds[call.address] = deeds[call.address] or {}
      deeds[call.address][call.action] = true
    end
  end
  return deeds
end

local lost = {
  update = "%s was changed: what it was before is not kept",
  delete = "%s was deleted, or replaced: what it held is gone",
  move = "%s got this address: csorun state mv gives the old one back",
}

--- Addresses that the run created, and why the run can't be undone.
local function judge(store, run)
  local deep = require "cso.std.deep"
  local created, mine, problems = {}, {}, {}
  local deeds, expected = deeds_of(store, run.id), store:expected()
  for _, address in ipairs(deep.keys(deeds)) do
    local did = deeds[address]
    for _, action in ipairs { "delete", "update", "move" } do
      -- What was created was also set up in the same run.
      if did[action] and not (action == "update" and did.create) then
        problems[#problems + 1] = lost[action]:format(address)
        break
      end
    end
    if did.create and (store:get(address) or expected[address]) then
      created[#created + 1] = address
      mine[address] = true
    end
  end
  for _, record in ipairs(store:resources()) do
    for _, need in ipairs(record.depends or {}) do
      if mine[need] and not mine[record.address] then
        problems[#problems + 1] = ("%s was made later and needs %s"):format(record.address, need)
      end
    end
  end
  for _, later in ipairs(store:runs()) do
    if later.started > run.started then
      for _, address in ipairs(deep.keys(deeds_of(store, later.id))) do
        if mine[address] then
          problems[#problems + 1] = ("%s was changed by the later run %s"):format(address, later.id)
        end
      end
    end
  end
  return created, problems
end

return {
  name = "rollback",
  help = "Undo a run that only created things",
  args = { { name = "RUN" } },
  options = { choices.auto_approve, choices.stack,
    { long = "playbook", value = "FILE", complete = "file", help = "the playbook whose stack it is" },
    choices.full, choices.short },
  waits = true,
  run = function(opts, args, ctx)
    local stack, work = require "cso.cmd.stack", require "cso.cmd.work"
    local name, e = stack.name(ctx, opts.playbook, opts.stack)
    if not name then return nil, e end
    local store, run
    store, e = stack.open(ctx, name, {})
    if not store then return nil, e end
    run, e = find_run(store, args[1])
    if not run then return nil, e end
    local created, problems = judge(store, run)
    if #problems > 0 then
      return refuse("policy", "irreversible", ("run %s can't be undone: %s"):format(run.id, problems[1]),
        "put the earlier playbook back and apply it", #problems > 1 and problems or nil)
    end
    if #created == 0 then
      if not opts.json then ctx.out(("Run %s made nothing that is still there.\n"):format(run.id)) end
      return 0
    end
    opts.target, opts.stack = created, name
    local job
    job, e = work.plan(ctx, { command = "rollback", keep = true, destroy = true })
    if not job then return nil, e end
    return work.apply(ctx, job)
  end,
}
