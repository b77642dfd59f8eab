--- What a simulated account holds at the end of a run, and how two of them differ.
local account = {}

---@class spec.Account
---@field inventory string   lines
---@field counts string      lines, how many of what
---@field shown string?       what a command says of the state

-- Lines of a text without those that match.
local function without(text, patterns)
  if not patterns then return text end
  local out = {}
  for line in text:gmatch "[^\n]+" do
    local hit
    for _, pattern in ipairs(patterns) do hit = hit or line:find(pattern) end
    if not hit then out[#out + 1] = line end
  end
  return table.concat(out, "\n")
end

--- Looks.
---@param p spec.Place
---@param beside string[]?   patterns: what is no part of the deployment
---@return spec.Account
function account.look(p, beside)
  return { inventory = without(p:inventory(), beside), counts = without(p:counts(), beside) }
end

-- Lines that only one of two texts has, at most forty of them.
local function differences(wanted, found, only_more)
  local count, out = {}, {}
  for line in wanted:gmatch "[^\n]+" do count[line] = (count[line] or 0) - 1 end
  for line in found:gmatch "[^\n]+" do count[line] = (count[line] or 0) + 1 end
  for line, n in pairs(count) do
    if n > 0 or n < 0 and not only_more then out[#out + 1] = ("  %+d %s"):format(n, line:sub(1, 200)) end
  end
  table.sort(out)
  return table.concat(out, "\n", 1, math.min(#out, 40))
end

--- Fails when an account is not the expected one.
---@param expected spec.Account
---@param found spec.Account
---@param less boolean?   it may hold less: what was never made is not kept either
function account.compare(expected, found, less)
  if less then
    local more = differences(expected.inventory, found.inventory, true)
    if more ~= "" then error("something is left\n" .. more, 0) end
    return
  end
  if found.counts ~= expected.counts then
    error("the account holds more or less (+ too much, - missing)\n" .. differences(expected.counts, found.counts)
      .. "\n" .. differences(expected.inventory, found.inventory), 0)
  end
  if found.inventory ~= expected.inventory then
    error("the account differs\n" .. differences(expected.inventory, found.inventory), 0)
  end
  if found.shown ~= expected.shown then
    error("the state differs\n" .. differences(expected.shown or "", found.shown or ""), 0)
  end
end

return account
