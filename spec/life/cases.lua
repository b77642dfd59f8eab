--- All lives as data: the spec files are read with a harness that collects instead of living.
local lfs = require "lfs"

local SELF = { ["cases_spec.lua"] = true }

--- Every case of `life.of` in spec/life, sorted by name.
---@return table[]
return function()
  local found = {}
  local real = package.loaded["spec.life.harness"]
  package.loaded["spec.life.harness"] = setmetatable({ of = function(case) found[#found + 1] = case end },
    { __index = real })
  local env = setmetatable({ describe = function(_, fn) fn() end, it = function() end, setup = function() end,
    teardown = function() end, before_each = function() end, after_each = function() end, pending = function() end },
    { __index = _G })
  for file in lfs.dir "spec/life" do
    if file:match("_spec%.lua$") and not SELF[file] then
      local handle = assert(io.open("spec/life/" .. file))
      local text = handle:read("a")
      handle:close()
      if text:find("life.of", 1, true) then assert(load(text, "@spec/life/" .. file, "t", env))() end
    end
  end
  package.loaded["spec.life.harness"] = real
  table.sort(found, function(a, b) return a.name < b.name end)
  return found
end
