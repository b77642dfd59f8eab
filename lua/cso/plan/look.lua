--- Looking at what is there: things of one kind in one place are read together where the service
--- allows, everything else in parallel.
local lazy = require "cso.std.lazy"
local handle_of = lazy "cso.plan.handle"
local task = require "cso.task"

local look = {}

local PARALLEL = 24

--- A target as a key.
---@param target table
---@return string
function look.place(target)
  return ("%s|%s|%s"):format(target.region or "", target.profile or "", target.role or "")
end

-- What lives in the state alone is known by what is remembered; the others have to be read.
local function recalled(nodes, seen)
  local rest = {}
  for _, node in ipairs(nodes) do
    local recall, record = node.kind.spec.recall, node.record
    if recall then seen(node.address, recall(record.declared, record.attributes)) else rest[#rest + 1] = node end
  end
  return rest
end

-- Handles that are read one by one, and lists of those that are read together.
local function jobs_of(work, nodes)
  local groups, jobs = {}, {}
  for _, node in ipairs(nodes) do
    local r = handle_of.new(work, node, node.record.id)
    if node.record.target then r.target = node.record.target end
    if node.kind:batched() then
      local key = node.type .. "\0" .. look.place(r.target)
      local group = groups[key]
      if not group then
        group = {}
        groups[key] = group
        jobs[#jobs + 1] = { many = group, kind = node.kind }
      end
      group[#group + 1] = r
    else
      jobs[#jobs + 1] = r
    end
  end
  return jobs
end

local function run_job(job, seen)
  if not job.many then
    local model, e = job.kind:read(job)
    if model == nil then error(e, 0) end
    seen(job.address, model, job.owner_tags)
  else
    local found, e = job.kind:read_many(job.many)
    if not found then error(e, 0) end
    for _, r in ipairs(job.many) do seen(r.address, found[r.address] or false, r.owner_tags) end
  end
end

--- Reads what is remembered of some nodes; raises the first failure.
---@param work table   as handles need it
---@param nodes table[]  each with a record
---@param seen fun(address: string, model: table|false, owner: table?)
function look.at(work, nodes, seen)
  task.map(jobs_of(work, recalled(nodes, seen)), function(job) run_job(job, seen) end, { limit = PARALLEL })
end

return look
