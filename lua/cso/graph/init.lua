--- A directed graph of named nodes. It knows nothing of resources: plan, apply, the playbook
--- loader's cycle check and `csorun graph` all use this one.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local heap = require "cso.std.heap"

local graph = {}

---@class cso.Graph
---@field names string[]                      all names, sorted
---@field before table<string, string[]>      what each name waits for, sorted
---@field after table<string, string[]>       who waits for each name, sorted
---@field order string[]                      a topological order, stable
local Graph = {}
Graph.__index = Graph

--- Walks back along unfinished nodes until one repeats: that walk is the cycle.
local function find_cycle(before, left)
  local start
  for name in pairs(left) do
    if not start or name < start then start = name end
  end
  local at, seen, path = start, {}, {}
  while not seen[at] do
    seen[at] = #path + 1
    path[#path + 1] = at
    for _, need in ipairs(before[at]) do
      if left[need] then
        at = need
        break
      end
    end
  end
  local chain = {}
  for i = seen[at], #path do chain[#chain + 1] = path[i] end
  chain[#chain + 1] = at
  return chain
end

--- Depth first: whatever a node waits for comes before it, and otherwise names keep their order. nil when
--- some wait for each other.
local function ordered(names, before)
  local order, state, stack, at, n = {}, {}, {}, {}, 0
  for _, start in ipairs(names) do
    local depth = 0
    if state[start] == nil then
      if before[start][1] == nil then
        n = n + 1
        order[n], state[start] = start, "done"
      else
        depth, stack[1], at[1], state[start] = 1, start, 0, "open"
      end
    end
    while depth > 0 do
      local name, nth, need = stack[depth], at[depth]
      local needs = before[name]
      repeat
        nth = nth + 1
        need = needs[nth]
      until not need or state[need] ~= "done"
      at[depth] = nth
      if not need then
        n, depth = n + 1, depth - 1
        order[n], state[name] = name, "done"
      elseif not state[need] then
        depth = depth + 1
        stack[depth], at[depth], state[need] = need, 0, "open"
      else
        return nil -- it is open: it waits for itself
      end
    end
  end
  return order
end

--- What stays when everything has gone that waits for nothing any more.
local function stuck(names, before, after)
  local waiting, free, left = {}, {}, {}
  for _, name in ipairs(names) do
    waiting[name], left[name] = #before[name], true
    if waiting[name] == 0 then free[#free + 1] = name end
  end
  for i = 1, #names do
    local name = free[i]
    if not name then break end
    left[name] = nil
    for _, follower in ipairs(after[name]) do
      waiting[follower] = waiting[follower] - 1
      if waiting[follower] == 0 then free[#free + 1] = follower end
    end
  end
  return left
end

-- Many a name has nobody that waits for it. Nobody writes to a graph that is built.
local NONE = {}
local NOBODY = { __index = function() return NONE end }

-- The needs that are nodes, sorted, each once: mostly the very list that was given.
local function needs_of(wanted, edges)
  local last
  for i = 1, #wanted do
    local need = wanted[i]
    if not edges[need] or last and need <= last then
      local list, seen = {}, {}
      for _, one in ipairs(wanted) do
        if edges[one] and not seen[one] then
          seen[one] = true
          list[#list + 1] = one
        end
      end
      table.sort(list)
      return list
    end
    last = need
  end
  return wanted
end

--- Builds a graph. Edges to names that are not nodes are left out: the caller has checked them.
---@param edges table<string, string[]>  name -> the names it waits for; becomes the graph's own
---@param names string[]?  all names, each once, best in order; the list becomes the graph's
---@return cso.Graph?, cso.Err?          an error (class usage) that prints the cycle as a chain
function graph.build(edges, names)
  local before, after, tied = edges, {}, false
  if not names then
    names = {}
    for name in pairs(edges) do names[#names + 1] = name end
  end
  for _, name in ipairs(deep.sort(names)) do
    local list = edges[name]
    if list[1] ~= nil then
      tied = true
      if list[2] ~= nil or not edges[list[1]] then
        list = needs_of(list, edges)
        before[name] = list
      end
      for i = 1, #list do
        local need = list[i]
        local users = after[need]
        if users then users[#users + 1] = name else after[need] = { name } end
      end
    end
  end
  setmetatable(after, NOBODY)
  local order = not tied and names or ordered(names, before)
  if not order then
    local chain = find_cycle(before, stuck(names, before, after))
    return nil, err.new {
      code = "cycle", class = "usage", chain = chain,
      message = "these wait for each other: " .. table.concat(chain, " -> "),
      hint = "remove one of these references or `after` entries",
    }
  end
  return setmetatable({ names = names, before = before, after = after, order = order }, Graph)
end

--- The length of the longest path from each node to the end, its own weight included.
---@param weight fun(name: string): number   seconds
---@return table<string, number>
function Graph:remaining(weight)
  local out = {}
  for i = #self.order, 1, -1 do
    local name, longest = self.order[i], 0
    for _, follower in ipairs(self.after[name]) do
      if out[follower] > longest then longest = out[follower] end
    end
    out[name] = longest + weight(name)
  end
  return out
end

--- The path with the greatest sum of weights.
---@param weight fun(name: string): number   seconds
---@return string[] path, number seconds
function Graph:critical_path(weight)
  local remaining = self:remaining(weight)
  local at, best
  for _, name in ipairs(self.names) do
    if #self.before[name] == 0 and (not best or remaining[name] > best) then at, best = name, remaining[name] end
  end
  local path = {}
  while at do
    path[#path + 1] = at
    local next_name
    for _, follower in ipairs(self.after[at]) do
      if not next_name or remaining[follower] > remaining[next_name] then next_name = follower end
    end
    at = next_name
  end
  return path, best or 0
end

--- Everything that waits for `name`, directly or not, sorted.
---@param name string
---@return string[]
function Graph:downstream(name)
  local seen, stack, out = {}, { name }, {}
  while #stack > 0 do
    local at = table.remove(stack)
    for _, follower in ipairs(self.after[at] or {}) do
      if not seen[follower] then
        seen[follower] = true
        out[#out + 1] = follower
        stack[#stack + 1] = follower
      end
    end
  end
  table.sort(out)
  return out
end

--- An online ready set: `next()` gives the ready name with the longest remaining path,
--- `done(name)` releases those that waited for it only.
---@param priority table<string, number>
---@return { next: fun(): string?, done: fun(name: string), left: fun(): integer }
function Graph:ready_set(priority)
  local waiting, left = {}, #self.names
  local function precedes(a, b)
    local pa, pb = priority[a] or 0, priority[b] or 0
    if pa ~= pb then return pa > pb end
    return a < b
  end
  -- Those that wait for nothing are put in order once, often they stand in it; the others come one by one.
  local first, at, in_order, queue = {}, 1, true, heap(precedes)
  for _, name in ipairs(self.names) do
    local needs = #self.before[name]
    if needs > 0 then
      waiting[name] = needs
    else
      local last = first[#first]
      in_order = in_order and not (last and precedes(name, last))
      first[#first + 1] = name
    end
  end
  if not in_order then table.sort(first, precedes) end
  return {
    next = function()
      local name, other = first[at], queue.peek()
      if not name or other and precedes(other, name) then return queue.pop() end
      first[at], at = false, at + 1
      return name
    end,
    done = function(name)
      left = left - 1
      for _, follower in ipairs(self.after[name]) do
        local needs = waiting[follower] - 1
        if needs == 0 then queue.push(follower) end
        waiting[follower] = needs > 0 and needs or nil
      end
    end,
    left = function() return left end,
  }
end

return graph
