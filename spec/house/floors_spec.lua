--- Who may call whom. The table is the house; everything else here only holds the tree against it.
local lfs = require("lfs")

-- room -> the rooms below that it may require; host: whether it may require host.* modules;
-- prints: whether it may write to the terminal.
local rooms = {
  std = { may = {}, host = true },
  task = { may = { "std" }, host = true },
  http = { may = { "task", "std" }, host = true },
  aws = { may = { "http", "task", "std" } },
  graph = { may = { "std" } },
  kind = { may = { "std" } },
  state = { may = { "std", "task" } },
  models = { may = { "std" } },
  plan = { may = { "std", "graph", "kind", "task" } },
  apply = { may = { "std", "graph", "kind", "task", "state" } },
  policy = { may = { "std" } },
  rehearse = { may = { "std", "task", "aws", "kind", "state", "apply" } },
  playbook = { may = { "std", "kind" } },
  import = { may = { "std", "task", "kind", "playbook" } },
  modules = { may = { "cso" } },
  ui = { may = { "std" }, prints = true },
  cmd = { may = "all", prints = true },
  cso = { may = "all" }, -- lua/cso/init.lua: the public face, wired by cmd
  main = { may = "all", prints = true },
  sim = { may = { "task", "std" }, only = { ["cso.http.server"] = true } },
}

-- What a newcomer sees in `ls`.
local top = {
  ["ARCHITECTURE.md"] = true, ["CMakeLists.txt"] = true, ["CMakePresets.json"] = true,
  ["CONTRIBUTING.md"] = true, ["LICENSE"] = true, ["README.md"] = true, dev = true, docs = true,
  envs = true, host = true, lua = true, playbooks = true, spec = true, templates = true,
  tools = true, vendor = true,
}

-- Modules that come with the host and belong to everybody.
local common = { lfs = true, lpeg = true, luv = true, re = true }

local function lua_files(dir, found)
  for name in lfs.dir(dir) do
    local path = dir .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if lfs.attributes(path, "mode") == "directory" then
        lua_files(path, found)
      elseif name:match("%.lua$") then
        found[#found + 1] = path
      end
    end
  end
  table.sort(found)
  return found
end

-- "lua/cso/aws/retry.lua" -> "aws"
local function room_of_file(path)
  if path:match("^lua/sim/") then return "sim" end
  local name = path:match("^lua/cso/([^/]+)")
  if name == "init.lua" then return "cso" end
  return (name:gsub("%.lua$", ""))
end

-- "cso.aws.retry" -> "aws"; "sim.x" -> "sim"; "host.json" -> "host"
local function room_of_module(module)
  if module == "cso" then return "cso" end
  if module:match("^host%.") then return "host" end
  if module:match("^sim%.?") then return "sim" end
  return module:match("^cso%.([^.]+)")
end

local function may_require(room, module)
  local rule = rooms[room]
  local target = room_of_module(module)
  if common[module] or module:match("^posix") then return true end
  if target == "host" then return rule.host or false end
  if target == room or rule.may == "all" then return true end
  if rule.only and rule.only[module] then return true end
  for _, name in ipairs(rule.may) do
    if name == target then return true end
  end
  return false
end

-- Lines of a file without their comments, numbered. Long strings hold no requires of ours.
local function code_lines(path)
  local number = 0
  local lines = io.lines(path)
  return function()
    local line = lines()
    if not line then return end
    number = number + 1
    return number, (line:gsub("^%s*%-%-.*$", ""):gsub("%s%-%-%s.*$", ""))
  end
end

local function complaints(check)
  local found = {}
  for _, path in ipairs(lua_files("lua/cso", lua_files("lua/sim", {}))) do
    local room = room_of_file(path)
    if not rooms[room] then
      found[#found + 1] = path .. ": a room that is not in the house: " .. room
    else
      for number, line in code_lines(path) do
        for what in check(room, line) do
          found[#found + 1] = ("%s:%d: %s"):format(path, number, what)
        end
      end
    end
  end
  return found
end

local function required(line)
  return line:gmatch("require%s*%(?%s*[\"']([%w_.%-]+)")
end

describe("the house", function()
  it("calls only downwards", function()
    local found = complaints(function(room, line)
      local next_module = required(line)
      return function()
        for module in next_module do
          if not may_require(room, module) then
            return ("%s may not require %s"):format(room, module)
          end
        end
      end
    end)
    assert.same({}, found)
  end)

  it("prints only at the top", function()
    local words = { "%f[%w_.:]print%s*[%({\"']", "io%.write", "io%.stdout", "io%.stderr" }
    local found = complaints(function(room, line)
      local i = 0
      return function()
        while i < #words and not rooms[room].prints do
          i = i + 1
          if line:find(words[i]) then return room .. " prints" end
        end
      end
    end)
    assert.same({}, found)
  end)

  it("keeps Lua out of host/core", function()
    local found = {}
    for name in lfs.dir("host/core") do
      if name:match("%.[ch]$") then
        local number = 0
        for line in io.lines("host/core/" .. name) do
          number = number + 1
          if line:match("#%s*include%s*[<\"].*lua") or line:match("lauxlib") then
            found[#found + 1] = ("host/core/%s:%d: %s"):format(name, number, line)
          end
        end
      end
    end
    assert.same({}, found)
  end)

  it("shows its architecture in ls, and nothing else", function()
    local git = io.popen("git ls-files 2>/dev/null")
    local found, count = {}, 0
    for path in git:lines() do
      count = count + 1
      local name = path:match("^[^/]+")
      if not top[name] and name:sub(1, 1) ~= "." then found[name] = path end
    end
    git:close()
    if count == 0 then return pending("not in a git work tree") end
    assert.same({}, found)
  end)

  it("has files of one purpose: none longer than 450 lines", function()
    local found = {}
    for _, path in ipairs(lua_files("lua/cso", lua_files("lua/sim", lua_files("spec", {})))) do
      local count = 0
      for _ in io.lines(path) do count = count + 1 end
      if count > 450 then found[#found + 1] = ("%s has %d lines"):format(path, count) end
    end
    assert.same({}, found)
  end)

  it("would notice a call that goes up", function()
    assert.is_false(may_require("std", "cso.task"))
    assert.is_false(may_require("aws", "host.http"))
    assert.is_false(may_require("kind", "cso.aws"))
    assert.is_false(may_require("sim", "cso.http"))
    assert.is_true(may_require("sim", "cso.http.server"))
    assert.is_true(may_require("cmd", "cso.std.err"))
    assert.equal("cso.aws", required('local x = require("cso.aws")')())
    assert.equal("cso.aws", required("local x = require 'cso.aws'")())
  end)
end)
