--- Outputs as they will be; a change of an output alone is a change of the stack.
local deep = require "cso.std.deep"
local value = require "cso.std.value"

local function same(a, b)
  if value.is_secret(a) or value.is_secret(b) then return value.is_secret(a) and value.is_secret(b) and value.same_secret(a,
    b) end
  if type(a) == "table" and type(b) == "table" then
    for k, v in pairs(a) do
      if not same(v, b[k]) then return false end
    end
    for k in pairs(b) do
      if a[k] == nil then return false end
    end
    return true
  end
  return deep.equal(a, b)
end

return function(work)
  local before = work.store:outputs()
  work.outputs = {}
  local opts = work.opts
  local partly = #(opts.targets or {}) > 0 or #(opts.exclude or {}) > 0
  work.partly = partly
  if opts.destroy and partly then
    -- The stack lives on, and so does what it says.
    work.outputs, work.keeps_outputs, work.changed_outputs = before, true, false
    return true
  end
  if not opts.destroy then
    for _, output in ipairs(work.program and work.program.outputs or {}) do
      work.outputs[output.name] = value.resolve({ output.value }, work.lookup)[1]
    end
    if not work.program or partly then
      work.changed_outputs = false
      return true
    end
  end
  for name, v in pairs(work.outputs) do
    if value.has_unknown(v) or not same(v, before[name]) then work.changed_outputs = true end
  end
  for name in pairs(before) do
    if work.outputs[name] == nil then work.changed_outputs = true end
  end
  return true
end
