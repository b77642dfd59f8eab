--- The playbook that declares what was found: by service, what is needed before what needs it, references
--- by name. The text depends on nothing but what was found, so a second import writes the same.
local deep = require "cso.std.deep"
local links = require "cso.import.links"
local literal = require "cso.std.literal"
local names = require "cso.import.names"

local source = {}

local function service_of(item)
  return item.type:match("^AWS::(%w+)::") or item.type:match("^cso%.(%w+)") or "cso"
end

local function word_of(item) return item.type:match("(%w+)$") end

--- What is needed first comes first; as long as something of the same service is ready, it is next.
local function ordered(items, needs)
  local left, out, done, current = {}, {}, {}, nil
  for i, item in ipairs(items) do left[i] = item end
  table.sort(left, function(a, b)
    local sa, sb = service_of(a), service_of(b)
    if sa ~= sb then return sa < sb end
    if a.type ~= b.type then return a.type < b.type end
    return a.called < b.called
  end)
  local function is_ready(item)
    for need in pairs(needs[item] or {}) do
      if not done[need] then return false end
    end
    return true
  end
  while #left > 0 do
    local best
    for i, item in ipairs(left) do
      if is_ready(item) then
        if service_of(item) == current then best = i break end
        best = best or i
      end
    end
    local item = table.remove(left, best or 1)
    current = service_of(item)
    done[item] = true
    out[#out + 1] = item
  end
  return out
end

local function snake(word)
  return (word:gsub("(%u+)(%u%l)", "%1_%2"):gsub("(%l)(%u)", "%1_%2"):lower())
end

local function plural(word)
  if word:match("[^aeou]y$") then return word:sub(1, -2) .. "ies" end
  if word:match("s$") or word:match("x$") or word:match("ch$") then return word .. "es" end
  return word .. "s"
end

local reserved = deep.index { "cso", "and", "end", "in", "or", "not", "if", "do", "for", "repeat", "function", "local",
  "return", "then", "true", "false", "nil", "until", "while", "goto", "break", "else", "elseif" }

--- What needs a variable gets one: the only one of its type a plain one, several a table of them. So a file
--- has as many variables as it has types, and Lua's limit of two hundred is far away.
local function give_variables(items, needs)
  local used, by_type, heads = {}, {}, {}
  for _, item in ipairs(items) do
    for need in pairs(needs[item] or {}) do used[need] = true end
  end
  for _, item in ipairs(items) do
    if used[item] then
      by_type[item.type] = by_type[item.type] or {}
      table.insert(by_type[item.type], item)
    end
  end
  local taken = {}
  for _, type_name in ipairs(deep.keys(by_type)) do
    local list = by_type[type_name]
    local word = snake(word_of(list[1]))
    if #list > 1 then word = plural(word) end
    if taken[word] or reserved[word] then word = service_of(list[1]):lower() .. "_" .. word end
    taken[word] = true
    if #list == 1 then
      list[1].variable, list[1].alone = word, true
    else
      heads[type_name] = word
      for _, item in ipairs(list) do
        local key = item.called
        item.variable = key:match("^[%a_][%w_]*$") and not reserved[key] and word .. "." .. key
          or ("%s[%s]"):format(word, literal.string(key))
      end
    end
  end
  return heads
end

--- A tree with its links as Lua expressions.
local function expressed(v)
  if links.is_one(v) then
    local text = v.to.variable
    for part in (v.attribute or ""):gmatch("[^.]+") do text = text .. "." .. part end
    return literal.code(text)
  end
  if type(v) ~= "table" then return v end
  local out = setmetatable({}, getmetatable(v))
  for k, item in pairs(v) do out[k] = expressed(item) end
  return out
end

local function region_word(region) return "in_" .. region:gsub("%-", "_") end

local function declaration(item, home, heads)
  local region = item.target and item.target.region
  local service = service_of(item)
  local word = region and region ~= home and ("%s.%s.%s"):format(region_word(region), service, word_of(item))
    or ("%s.%s"):format(service, word_of(item))
  local lines = {}
  for _, note in ipairs(item.notes or {}) do lines[#lines + 1] = "-- " .. note end
  local left = item.variable and (item.alone and "local " or "") .. item.variable .. " = " or ""
  local start = ("%s%s %s "):format(left, word, literal.string(item.called))
  lines[#lines + 1] = start .. literal.of(expressed(item.properties), "", #start)
  return table.concat(lines, "\n"), heads[item.type]
end

local function head_of(order, opts)
  local services, regions = {}, {}
  for _, item in ipairs(order) do
    local region = item.target and item.target.region
    if region and region ~= opts.region then regions[region] = true else services[service_of(item)] = item.type end
  end
  local lines = { "--- " .. opts.title, ("local cso = %s %q"):format("require", "cso") }
  for _, name in ipairs(deep.keys(services)) do
    local aws = services[name]:match("^AWS::")
    lines[#lines + 1] = ("local %s = cso.%s%s"):format(name, aws and "aws." or "", name)
  end
  for _, region in ipairs(deep.keys(regions)) do
    lines[#lines + 1] = ("local %s = cso.target { region = %s }.aws"):format(region_word(region), literal.string(region))
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("cso.stack { name = %s }"):format(literal.string(opts.stack))
  return lines
end

--- Writes the playbook.
---@param items cso.import.Item[]   read, with `properties` (declared.properties) and `notes`
---@param opts { stack: string, region: string?, title: string }
---@return string text
---@return cso.import.Item[] order   each with its `address` and `needs` (addresses)
function source.write(items, opts)
  names.give(items)
  local needs = links.tie(items)
  local order = ordered(items, needs)
  local heads = give_variables(items, needs)
  local lines, current, opened = head_of(order, opts), nil, {}
  for _, item in ipairs(order) do
    item.address = names.address(item)
    local text, head = declaration(item, opts.region, heads)
    if service_of(item) ~= current then
      current = service_of(item)
      lines[#lines + 1] = "\n-- " .. current
    end
    if head and not opened[head] then
      opened[head] = true
      lines[#lines + 1] = ("local %s = {}"):format(head)
    end
    lines[#lines + 1] = text
  end
  for _, item in ipairs(order) do
    local list = {}
    for need in pairs(needs[item]) do list[#list + 1] = need.address end
    table.sort(list)
    item.needs = list
  end
  return table.concat(lines, "\n") .. "\n", order
end

return source
