--- Which nodes take part: with targets only they and what they need, without what is excluded and
--- what needs that. For what goes, need runs the other way: its users have to go before it.
local lazy = require "cso.std.lazy"
local err = require "cso.std.err"
local predicate = lazy "cso.plan.predicate"
local suggest = require "cso.std.suggest"

local function no_target(option, word, hint)
  return nil, err.new { code = "no_target", class = "usage",
    message = ("--%s %s matches no address"):format(option, word), hint = hint }
end

--- Addresses that globs and conditions match; an error when one of them matches none.
local function matching(work, words, option)
  local found, names = {}, {}
  if #words == 0 then return found end
  for address in pairs(work.nodes) do names[#names + 1] = address end
  table.sort(names)
  for _, word in ipairs(words) do
    local matches, e = predicate.of(word, option)
    if not matches then return nil, e end
    local any = false
    for _, address in ipairs(names) do
      local yes
      yes, e = matches(work.nodes[address])
      if e then return nil, e end
      if yes then
        found[#found + 1] = address
        any = true
      end
    end
    if not any then
      local near = not predicate.is_one(word) and suggest(word, names)
      return no_target(option, word, near and ("did you mean %s?"):format(near) or "see `csorun state list`")
    end
  end
  return found
end

--- What has to happen before a node, and its reverse.
local function edges(work)
  local before, after = {}, {}
  local function add(first, second)
    before[second] = before[second] or {}
    after[first] = after[first] or {}
    table.insert(before[second], first)
    table.insert(after[first], second)
  end
  for address, node in pairs(work.nodes) do
    if not node.orphan then
      for _, need in ipairs(node.depends) do add(need, address) end
    end
    for _, need in ipairs(node.record and node.record.depends or {}) do
      local other = work.nodes[need]
      if other and other.orphan then add(address, need) end
    end
  end
  return before, after
end

local function spread(from, along)
  local reached, stack = {}, from
  while #stack > 0 do
    local address = table.remove(stack)
    if not reached[address] then
      reached[address] = true
      for _, next_one in ipairs(along[address] or {}) do stack[#stack + 1] = next_one end
    end
  end
  return reached
end

-- What is to be made anew has to take part.
local function check_asked(work, again)
  local any = #again == 0
  for _, address in ipairs(again) do any = any or not work.nodes[address].excluded end
  for _, word in ipairs(work.opts.replace or {}) do
    local node = work.nodes[word]
    if not any or node and node.excluded then
      return nil, err.new { code = "no_target", class = "usage",
        message = ("--replace %s: that takes no part in this plan"):format(word),
        hint = "--target and --exclude leave it out, or what it needs" }
    end
  end
  return true
end

--- Marks what does not take part.
---@param work table
---@return true? ok, cso.Err? err  code "no_target" when a glob matches nothing
return function(work)
  local targets, exclude, only = work.opts.targets or {}, work.opts.exclude or {}, work.opts.only
  if only then
    for address, node in pairs(work.nodes) do node.excluded = not only(address) end
    return true
  end
  local again, e = matching(work, work.opts.replace or {}, "replace")
  if not again then return nil, e end
  for _, address in ipairs(again) do
    local node = work.nodes[address]
    if node.decl and node.form ~= "resource" then
      return nil, err.new { code = "no_target", class = "usage",
        message = ("--replace %s: a step is run, not made"):format(address) }
    end
    node.asked = true
  end
  if #targets == 0 and #exclude == 0 then return true end
  local before, after = edges(work)
  local wanted, unwanted
  if #targets > 0 then
    local found
    found, e = matching(work, targets, "target")
    if not found then return nil, e end
    wanted = spread(found, before)
  end
  local found
  found, e = matching(work, exclude, "exclude")
  if not found then return nil, e end
  unwanted = spread(found, after)
  work.left_out = 0
  for address, node in pairs(work.nodes) do
    node.excluded = wanted and not wanted[address] or unwanted[address] or false
    if node.excluded then work.left_out = work.left_out + 1 end
  end
  return check_asked(work, again)
end
