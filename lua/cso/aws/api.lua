--- The playbook's face of the client: `cso.api.ec2 { region = … }:DescribeVpcs { … }`. It
--- raises, with the line of the playbook that made the call.
local catalogue = require "cso.std.catalogue"
local err = require "cso.std.err"
local retry = require "cso.aws.retry"
local suggest = require "cso.std.suggest"

local api = {}

-- The first line outside of this file is the playbook's.
local function caller()
  local own = debug.getinfo(1, "S").source
  for level = 2, 200 do
    local info = debug.getinfo(level, "Sl")
    if not info then return nil end
    if info.source ~= own and info.what ~= "C" and info.currentline > 0 then
      return info.short_src .. ":" .. info.currentline
    end
  end
end

local function raise(e, where)
  e = err.wrap(e, "internal")
  if not e.where then e.where = where end
  error(e, 0)
end

local function known(names, name)
  for _, n in ipairs(names) do
    if n == name then return true end
  end
  return false
end

local function call(self, name, params, opts)
  local where = caller()
  local c = rawget(self, "client")
  local guard = rawget(self, "guard")
  local op, e = c:operation(name)
  if not op then return raise(e, where) end
  if guard and retry.mutates(name, op.http and op.http.method ~= "POST" and op.http.method or nil) then
    local forbidden = guard(c.model.name, name)
    if forbidden then return raise(forbidden, where) end
  end
  local output, fault, meta = c:call(name, params, opts)
  if not output then return raise(fault, where) end
  return output, meta
end

local function raising(iterator, where)
  return function()
    local results = table.pack(pcall(iterator))
    if results[1] then return table.unpack(results, 2, results.n) end
    if err.is(results[2]) then return raise(results[2], where) end
    error(results[2], 0)
  end
end

local methods = {}

--- Iterates over all items of all pages.
function methods.each(self, name, params)
  local where = caller()
  local ok, iterator = pcall(self.client.each, self.client, name, params)
  if not ok then return raise(iterator, where) end
  return raising(iterator, where)
end

--- Iterates over all pages.
function methods.pages(self, name, params)
  return raising(self.client:pages(name, params), caller())
end

--- Waits for a waiter of the model.
function methods.wait(self, name, params, opts)
  local where = caller()
  local ok, e = self.client:wait(name, params, opts)
  if not ok then return raise(e, where) end
  return true
end

--- Makes a call by name; the way to operations whose names are taken here.
methods.call = call

--- A URL that carries out an operation for whoever has it.
function methods.presign(self, name, params, expires)
  local url, e = self.client:presign(name, params, expires)
  if not url then return raise(e, caller()) end
  return url
end

local service_mt = {
  __name = "cso.api",
  __tostring = function(self) return tostring(rawget(self, "client")) end,
}

function service_mt.__index(self, name)
  if methods[name] then return methods[name] end
  if type(name) ~= "string" then return nil end
  local c = rawget(self, "client")
  if not c.model:operation(name) then
    local names = c.model:operations()
    local near = suggest(name, names)
    return raise(err.new {
      code = "UnknownOperation", class = "usage", service = c.model.name,
      message = ("%s has no operation %s"):format(c.model.name, name),
      hint = near and ("did you mean %s?"):format(near) or nil,
    }, caller())
  end
  local function method(me, params, opts)
    if rawequal(me, self) or getmetatable(me) == service_mt then return call(me, name, params, opts) end
    return raise(err.new { code = "WrongCall", class = "usage",
      message = ("write client:%s{…} with a colon"):format(name) }, caller())
  end
  rawset(self, name, method)
  return method
end

function service_mt.__newindex(_, name)
  return raise(err.new { code = "ReadOnly", class = "usage",
    message = ("%s cannot be set on a client"):format(tostring(name)) }, caller())
end

local allowed = { region = true, profile = true, role = true, endpoint = true }

local function open(session_of, service, guard)
  return function(target)
    local where = caller()
    target = target or {}
    for k in next, target do
      if not allowed[k] then
        return raise(err.new { code = "UnknownOption", class = "usage",
          message = ("cso.api.%s takes no option %s"):format(service, tostring(k)),
          hint = "region, profile, role and endpoint are known" }, where)
      end
    end
    local session, e = session_of()
    if not session then return raise(e, where) end
    local c
    c, e = session:client(service, target)
    if not c then return raise(e, where) end
    return setmetatable({ client = c, guard = guard }, service_mt)
  end
end

--- Makes the table that playbooks know as `cso.api`.
---@param session_of fun(): cso.aws.Session?, cso.Err? called when a client is first wanted
---@param opts { guard: (fun(service: string, operation: string): cso.Err?)?, target: table? }?
--- guard: refuses a changing call by returning an error; target: defaults of region, profile, role
---@return table
function api.new(session_of, opts)
  opts = opts or {}
  return setmetatable({}, {
    __name = "cso.api",
    __index = function(self, name)
      if type(name) ~= "string" then return nil end
      local service = name:gsub("_", "-")
      if not known(catalogue.services(), service) then
        local near = suggest(service, catalogue.services())
        return raise(err.new { code = "UnknownService", class = "usage",
          message = ("there is no service %s"):format(name),
          hint = near and ("did you mean %s?"):format((near:gsub("-", "_"))) or nil }, caller())
      end
      local make = open(session_of, service, opts.guard)
      local function with_defaults(target)
        local merged = {}
        for k, v in next, opts.target or {} do merged[k] = v end
        for k, v in next, target or {} do merged[k] = v end
        return make(merged)
      end
      rawset(self, name, with_defaults)
      return with_defaults
    end,
  })
end

return api
