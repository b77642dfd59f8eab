--- A binary heap: what comes first comes out first, at the cost of a logarithm.

---@param precedes fun(a: any, b: any): boolean
---@return { push: fun(v: any), pop: fun(): any, peek: fun(): any }  pop and peek give nil when it is empty
return function(precedes)
  local items, n = {}, 0
  local self = {}
  function self.push(v)
    n = n + 1
    local i = n
    while i > 1 do
      local parent = i // 2
      if precedes(v, items[parent]) then
        items[i] = items[parent]
        i = parent
      else
        break
      end
    end
    items[i] = v
  end
  function self.pop()
    if n == 0 then return nil end
    local top, last = items[1], items[n]
    items[n] = nil
    n = n - 1
    if n > 0 then
      local i = 1
      while true do
        local child = i * 2
        if child > n then break end
        if child < n and precedes(items[child + 1], items[child]) then child = child + 1 end
        if not precedes(items[child], last) then break end
        items[i] = items[child]
        i = child
      end
      items[i] = last
    end
    return top
  end
  function self.peek() return items[1] end
  return self
end
