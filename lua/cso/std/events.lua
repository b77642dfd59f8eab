--- The bus between the rooms, which tell what happens, and whoever listens.
--- Rooms below the user interface get `bus.emit` as an argument and never print.
local events = {}

---@class cso.Bus
---@field emit fun(name: string, data: table?)   tells every listener, in the order they came
---@field listen fun(fn: fun(name: string, data: table)): fun()   adds a listener; the result removes it

--- A new bus.
---@return cso.Bus
function events.new()
  local listeners = {}
  local bus = {}
  function bus.emit(name, data)
    data = data or {}
    for _, listener in ipairs(listeners) do listener(name, data) end
  end
  function bus.listen(fn)
    table.insert(listeners, fn)
    return function()
      for i, listener in ipairs(listeners) do
        if listener == fn then
          -- A copy: the removal may happen while an event is being told.
          listeners = table.move(listeners, 1, #listeners, 1, {})
          table.remove(listeners, i)
          return
        end
      end
    end
  end
  return bus
end

return events
