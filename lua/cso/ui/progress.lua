--- What a run has done and is doing, built from its events. Pure; both views look at it.
local progress = {}

---@class cso.ui.Progress
---@field total integer     pieces of work; a replacement is two (the old goes, the new comes)
---@field done integer
---@field failed integer
---@field skipped integer
---@field counts table<string, integer>
local Progress = {}
Progress.__index = Progress

local past = {
  create = "created", update = "updated", delete = "deleted", replace = "created anew",
  read = "read", run = "passed", adopt = "adopted", forget = "forgotten",
}
local present = {
  create = "creating", update = "updating", delete = "deleting", replace = "creating anew",
  read = "reading", run = "running", adopt = "adopting", forget = "forgetting",
}

--- "created", for the action "create".
---@param action string
---@return string
function progress.past(action) return past[action] or action end

--- "creating", for the action "create".
---@param action string
---@return string
function progress.present(action) return present[action] or action end

--- A progress that has seen nothing yet.
---@return cso.ui.Progress
function progress.new()
  return setmetatable({ total = 0, done = 0, failed = 0, skipped = 0, counts = {}, running = {},
    planned = {} }, Progress)
end

local handlers = {}

function handlers.planned(self, e)
  if self.planned[e.address] then return end
  self.planned[e.address] = true
  self.total = self.total + (e.action == "replace" and 2 or 1)
end

function handlers.plan_start(self)
  self.total, self.planned = 0, {}
end

function handlers.apply_start(self, _, now)
  self.started = now
end

function handlers.step_start(self, e, now)
  self.running[e.address] = { address = e.address, action = e.action, type = e.type, since = now,
    told = now }
end

function handlers.step_exists(self, e)
  local item = self.running[e.address]
  if item then item.id = e.id end
end

function handlers.step_wait(self, e)
  local item = self.running[e.address]
  if item then item.what = e.what end
end

function handlers.step_done(self, e, now)
  local item = self.running[e.address]
  self.running[e.address] = nil
  self.done = self.done + 1
  self.counts[e.action] = (self.counts[e.action] or 0) + 1
  e.seconds = e.seconds or item and now - item.since or 0
end

function handlers.step_failed(self, e)
  self.running[e.address] = nil
  self.failed = self.failed + 1
end

function handlers.step_skipped(self)
  self.skipped = self.skipped + 1
end

--- Takes an event in.
---@param name string
---@param data table
---@param now number  seconds
function Progress:take(name, data, now)
  local handler = handlers[name]
  if handler then handler(self, data, now) end
end

--- What runs, the longest first. `keep` may leave some out: thousands run at once, and putting
--- them in order ten times a second would take longer than what they do.
---@param keep (fun(item: table): boolean)?
---@return table[]  { address, action, type, since, what, id }
function Progress:list(keep)
  local list = {}
  for _, item in pairs(self.running) do
    if not keep or keep(item) then list[#list + 1] = item end
  end
  table.sort(list, function(a, b)
    if a.since ~= b.since then return a.since < b.since end
    return a.address < b.address
  end)
  return list
end

return progress
