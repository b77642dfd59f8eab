-- Writes what an environment's playbook would upload, and every server's user data, into a folder.
--   csorun-lua tools/judge/render.lua ROOT ENVIRONMENT FOLDER CERTIFICATE KEY
-- Values that only a deployment knows are samples; the sample certificate and key are real, since
-- the programs that judge the result read them.
local root, environment, folder, certificate, key = table.unpack(arg)
package.path = root .. "/?.lua;" .. package.path

local helper = require "spec.modules.portal_helper"
local value = require "cso.std.value"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local pem = read(certificate)

local function write(name, text)
  local path = folder .. "/" .. name
  assert(os.execute(("mkdir -p '%s'"):format(path:match("^(.*)/"))))
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function lookup(_, path)
  return path:match("Pem$") and pem or "sample"
end

local function render(v)
  return value.reveal(value.resolve(v, lookup))
end

local program = helper.load(environment)
for _, decl in ipairs(program.declarations) do
  local p = decl.properties
  if decl.type == "cso.s3.Object" then
    write(p.Key, render(p.Content))
    if p.Key:match("server%.crt$") then write(p.Key:gsub("crt$", "key"), read(key)) end
  elseif decl.type == "AWS::SSM::Parameter" then
    write(("parameters/%s.json"):format(decl.name), render(p.Value))
  elseif decl.type == "AWS::EC2::Instance" then
    local decode = require("cso.std.hash").base64_decode
    write("user-data/" .. decl.name, decode(render(p.UserData)))
  end
end
