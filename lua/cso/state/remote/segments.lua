--- The journal of a run in the bucket: numbered objects, each made only where none is. A number
--- can't be skipped, so whoever puts a seal behind the last one has ended that journal for good:
--- its run can write down no further intent, and so can send no further changing call.
local changes = require "cso.state.changes"
local err = require "cso.std.err"
local objects = require "cso.state.remote.objects"
local wrap = require "cso.state.remote.wrap"

local segments = {}

local SEAL = "sealed\n"

-- The key of the state is a part of it: no segment passes for another state's.
local function what(store, behind) return "segment " .. store.key .. behind end

local function tail(fence, n) return (".journal/%08d/%08d"):format(fence, n) end

--- Writes a segment.
---@param store cso.state.Objects
---@param fence integer
---@param n integer
---@param text string
---@return boolean? ok, cso.Err?  code "lease_lost" when the journal was sealed by another
function segments.write(store, fence, n, text)
  local bytes, e = wrap.out(store, text, what(store, tail(fence, n)))
  if not bytes then return nil, e end
  local etag, there, problem
  for _ = 1, objects.TRIES do
    etag, e = store:put(tail(fence, n), bytes, { none = true })
    if etag then return true end
    if not objects.is_conflict(e) then return nil, e end
    there, problem = store:get(tail(fence, n))
    if there == nil then return nil, problem end
    if there then break end
    -- Nobody has it: the service was busy, or said no without a reason.
  end
  if not there then return nil, e end
  if wrap.back(store, there.body, what(store, tail(fence, n))) == text then return true end -- ours: only the answer was lost
  return nil, err.new { code = "lease_lost", class = "locked",
    message = ("%s was taken over by another run while this one was silent"):format(store.name),
    hint = "nothing more is changed; what this run knows is kept in a file" }
end

--- What lies in the bucket behind a snapshot: fence → its numbers, sorted.
---@param store cso.state.Objects
---@return { fence: integer, numbers: integer[] }[]? journals   sorted by fence
---@return cso.Err?
function segments.list(store)
  local found, e = store:list ".journal/"
  if not found then return nil, e end
  local by, out = {}, {}
  for _, one in ipairs(found) do
    local fence, n = one.tail:match "^%.journal/(%d+)/(%d+)$"
    fence, n = math.tointeger(tonumber(fence)), math.tointeger(tonumber(n))
    if fence and n then
      if not by[fence] then
        by[fence] = { fence = fence, numbers = {} }
        out[#out + 1] = by[fence]
      end
      table.insert(by[fence].numbers, n)
    end
  end
  return out
end

--- Gives each segment that lies in the bucket, sealed ones opened.
---@param store cso.state.Objects
---@param fn fun(name: string, text: string)
---@return true? ok, cso.Err?
function segments.each(store, fn)
  local journals, e = segments.list(store)
  if not journals then return nil, e end
  for _, journal in ipairs(journals) do
    for _, n in ipairs(journal.numbers) do
      local behind = tail(journal.fence, n)
      local got, problem = store:get(behind)
      if got == nil then return nil, problem end
      if got and got.body ~= SEAL then
        local text
        text, e = wrap.back(store, got.body, what(store, behind))
        if not text then return nil, e end
        fn(store.name .. behind, text)
      end
    end
  end
  return true
end

--- Reads the changes behind a snapshot, in their order.
---@param store cso.state.Objects
---@param journals table[]     from segments.list
---@param snapshot { fence: integer, segment: integer }
---@return { about: table, list: table[] }[]? read, cso.Err?  a gap or damage is an error
function segments.read(store, journals, snapshot)
  local out = {}
  for _, journal in ipairs(journals) do
    local expected = journal.fence == snapshot.fence and snapshot.segment + 1 or 1
    for _, n in ipairs(journal.numbers) do
      if journal.fence > snapshot.fence or journal.fence == snapshot.fence and n > snapshot.segment then
        local name = store.name .. tail(journal.fence, n)
        local got, e = store:get(tail(journal.fence, n))
        if got == nil then return nil, e end
        if got and got.body == SEAL then break end
        if not got or n ~= expected then
          return nil, err.new { code = "corrupt_changes", class = "config",
            message = ("%s: a part of the journal before it is missing"):format(name),
            hint = "restore it from the bucket's versions" }
        end
        local text
        text, e = wrap.back(store, got.body, what(store, tail(journal.fence, n)))
        if not text then return nil, e end
        local read
        read, e = changes.decode(text, name)
        if not read then return nil, e end
        out[#out + 1] = read
        expected = n + 1
      end
    end
  end
  return out
end

--- Ends the journal of a fence: nothing can be added to it any more.
---@param store cso.state.Objects
---@param fence integer
---@param journals table[]
---@param snapshot { fence: integer, segment: integer }?
---@return integer? number  of the seal: all before it is there, whether or not a list shows it yet
---@return cso.Err?
function segments.seal(store, fence, journals, snapshot)
  local n = snapshot and snapshot.fence == fence and snapshot.segment or 0
  for _, journal in ipairs(journals) do
    if journal.fence == fence then n = math.max(n, journal.numbers[#journal.numbers]) end
  end
  while true do
    n = n + 1
    local etag, e = store:put(tail(fence, n), SEAL, { none = true })
    if etag then return n end
    if not objects.is_conflict(e) then return nil, e end
    local there, problem = store:get(tail(fence, n))
    if there == nil then return nil, problem end
    -- A number that nobody has must not be left free: the old run could still take it.
    if not there then return nil, e end
    if there.body == SEAL then return n end
  end
end

--- A list of journals with all numbers of one that was sealed: a service may show late what it has.
---@param journals table[]     from segments.list
---@param sealed { fence: integer, number: integer }?
---@return table[]
function segments.whole(journals, sealed)
  if not sealed then return journals end
  local whole = { fence = sealed.fence, numbers = {} }
  for n = 1, sealed.number do whole.numbers[n] = n end
  local out = { whole }
  for _, journal in ipairs(journals) do
    if journal.fence ~= sealed.fence then out[#out + 1] = journal end
  end
  table.sort(out, function(a, b) return a.fence < b.fence end)
  return out
end

-- How long a seal is kept: no process is silent for so long and then goes on.
local KEEP_SEALS = 30 * 86400

--- Removes what a snapshot made superfluous. The last number of an older journal is its seal and
--- stays for a while, because a process that was only asleep must still run into it.
---@param store cso.state.Objects
---@param snapshot { fence: integer, segment: integer }
---@param now number
function segments.prune(store, snapshot, now)
  local found = store:list ".journal/"
  local last = {}
  for _, one in ipairs(found or {}) do
    local fence = one.tail:match "^%.journal/(%d+)/"
    if fence then last[fence] = one.tail end
  end
  local gone = {}
  for _, one in ipairs(found or {}) do
    local fence, n = one.tail:match "^%.journal/(%d+)/(%d+)$"
    local f = math.tointeger(tonumber(fence))
    if f and (f == snapshot.fence and tonumber(n) <= snapshot.segment
      or f < snapshot.fence and (last[fence] ~= one.tail or now - (one.modified or now) > KEEP_SEALS)) then
      gone[#gone + 1] = one.tail
    end
  end
  store:delete_all(gone)
end

return segments
