--- Pages of answers by the model's paginators. Iterators raise errors as values, since a loop
--- cannot be handed nil and an error.
local deep = require "cso.std.deep"
local err = require "cso.std.err"
local jmespath = require "cso.std.jmespath"

local page = {}

local function list(v)
  if type(v) == "table" then return v end
  return { v }
end

local function search(path, output)
  local v, e = jmespath.search(path, output)
  if e then error(e, 0) end
  return v
end

-- "A || B" may name several places of one token.
local function next_tokens(paginator, output)
  if paginator.more_results and not search(paginator.more_results, output) then return nil end
  local tokens, some = {}, false
  for i, path in ipairs(list(paginator.output_token)) do
    local v = search(path, output)
    if v ~= nil and v ~= "" then
      tokens[i] = v
      some = true
    end
  end
  return some and tokens or nil
end

-- Notices tokens that come again, also in turns of several, while remembering a single one (Brent's
-- way: the one that is remembered is renewed at each power of two).
local function cycle_watch()
  local kept, steps, power = nil, 0, 1
  return function(tokens)
    if kept ~= nil and deep.equal(kept, tokens) then return true end
    steps = steps + 1
    if kept == nil or steps == power then
      kept, steps, power = tokens, 0, power * 2
    end
    return false
  end
end

--- Iterates over the pages; an operation without paginator has one.
---@param client table
---@param name string
---@param params table?
---@return fun(): table?
function page.pages(client, name, params)
  local paginator = client.model:paginator(name)
  local inputs = deep.copy(params or {})
  local finished, repeats = false, cycle_watch()
  return function()
    if finished then return nil end
    local output, e = client:call(name, inputs)
    if not output then error(e, 0) end
    local tokens = paginator and paginator.input_token and next_tokens(paginator, output)
    if not tokens then
      finished = true
    else
      if repeats(tokens) then
        error(err.new { code = "RepeatedToken", class = "service", service = client.model.name,
          operation = name, message = ("%s.%s: the service gave the same page token twice"):format(
            client.model.name, name) }, 0)
      end
      for i, member in ipairs(list(paginator.input_token)) do deep.set(inputs, member, tokens[i]) end
    end
    return output
  end
end

local function only_list(client, name)
  local op = client:operation(name)
  local found
  for member, ref in next, op and op.output and client.model:shape(op.output.shape).members or {} do
    if client.model:shape(ref.shape).type == "list" then
      if found then return nil end
      found = member
    end
  end
  return found
end

--- What an operation's pages list: the paginator's first result, else the only list.
---@param client table
---@param name string
---@return string? path
---@return cso.Err? err
function page.result(client, name)
  local op, e = client:operation(name)
  if not op then return nil, e end
  local paginator = client.model:paginator(name)
  local key = paginator and paginator.result_key
  if key then return list(key)[1] end
  local member = only_list(client, name)
  if member then return member end
  return nil, err.new { code = "NotAList", class = "usage", service = client.model.name,
    operation = name, message = ("%s.%s answers with no single list to iterate over"):format(
      client.model.name, name) }
end

--- Iterates over the items of all pages. Items of a map come as key, value pairs.
---@param client table
---@param name string
---@param params table?
---@return fun(): any, any
function page.each(client, name, params)
  local path, e = page.result(client, name)
  if not path then error(e, 0) end
  local pages = page.pages(client, name, params)
  local items, keys, at = {}, nil, 0
  return function()
    while true do
      at = at + 1
      if keys then
        if keys[at] ~= nil then return keys[at], items[keys[at]] end
      elseif items[at] ~= nil then
        return items[at]
      end
      local output = pages()
      if not output then return nil end
      items = search(path, output) or {}
      if type(items) ~= "table" then items = { items } end
      keys = nil
      if #items == 0 and next(items) ~= nil then keys = deep.keys(items) end
      at = 0
    end
  end
end

local function together(a, b)
  if a == nil or b == nil then return a == nil and b or a end
  if type(a) == "number" and type(b) == "number" then return a + b end
  if type(a) ~= "table" or type(b) ~= "table" then return tostring(a) .. tostring(b) end
  if #b > 0 or #a > 0 then return table.move(b, 1, #b, #a + 1, a) end
  for k, v in next, b do a[k] = v end
  return a
end

-- What only led from one page to the next says nothing of all of them.
local function without_tokens(whole, paginator)
  local paths = list(paginator.output_token)
  if paginator.more_results then paths = table.move(paths, 1, #paths, 2, { paginator.more_results }) end
  for _, path in ipairs(paths) do
    local plain = path:match("^[%w.]+")
    if deep.get(whole, plain) ~= nil then deep.set(whole, plain, nil) end
  end
  return whole
end

--- All pages as one answer: what the paginator's results name is joined, all else is the first page's.
--- Raises errors as values.
---@param client table
---@param name string
---@param params table?
---@return table output
function page.joined(client, name, params)
  local paginator = client.model:paginator(name)
  local whole, pages
  for output in page.pages(client, name, params) do
    if not whole then
      whole, pages = deep.copy(output), 1
    else
      pages = pages + 1
      for _, path in ipairs(list(paginator.result_key)) do
        deep.set(whole, path, together(deep.get(whole, path), deep.get(output, path)))
      end
    end
  end
  return pages > 1 and without_tokens(whole, paginator) or whole
end

--- Runs a paginator over given answers without calling: what would be asked, and what comes out.
---@param S table a service of the catalogue
---@param name string operation
---@param params table?
---@param answers table[] outputs, one for each page
---@return { requests: table[], items: any[], whole: table }? run items: of the paginator's first result;
---   whole: all pages as one answer
---@return cso.Err? err e.g. RepeatedToken
function page.simulate(S, name, params, answers)
  local run = { requests = {}, items = {} }
  local shown = deep.copy(answers)
  local client = { model = S, operation = function(_, op) return S:operation(op) end }
  function client.call(_, _, inputs)
    run.requests[#run.requests + 1] = deep.copy(inputs)
    return answers[#run.requests] or {}
  end
  local ok, e = pcall(function()
    for item in page.each(client, name, params) do run.items[#run.items + 1] = item end
    local at = 0
    function client.call()
      at = at + 1
      return shown[at] or {}
    end
    run.whole = page.joined(client, name, params)
  end)
  if ok then return run end
  if err.is(e) then return nil, e end
  error(e, 0)
end

return page
