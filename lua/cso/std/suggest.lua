--- "Did you mean": the nearest name in a list by edit distance.

-- Edits are insertions, deletions, substitutions and swaps of neighbours, the commonest typo.
local function distance(a, b, limit)
  local older, previous, current = {}, {}, {}
  for j = 0, #b do previous[j] = j end
  for i = 1, #a do
    current[0] = i
    local best = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local d = math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
      if cost == 1 and i > 1 and j > 1 and a:byte(i) == b:byte(j - 1)
        and a:byte(i - 1) == b:byte(j) then
        d = math.min(d, older[j - 2] + 1)
      end
      current[j] = d
      if d < best then best = d end
    end
    if best > limit then return limit + 1 end
    older, previous, current = previous, current, older
  end
  return previous[#b]
end

--- The name in `list` that is nearest to `word`, when one is near enough to be a typo.
---@param word string
---@param list string[]
---@return string?
local function suggest(word, list)
  local limit = #word < 2 and 0 or math.max(1, #word // 3)
  local lower, best, best_d = word:lower(), nil, limit + 1
  for _, name in ipairs(list) do
    if math.abs(#name - #word) < best_d then
      local d = distance(lower, name:lower(), best_d)
      if d < best_d or (d == best_d and best and name < best) then best, best_d = name, d end
    end
  end
  return best
end

return suggest
