--- SERVICE.OPERATION and the words behind it, for the commands that take an operation.
local err = require "cso.std.err"

local target = {}

local function usage(message, hint)
  return nil, err.new { code = "usage", class = "usage", message = message, hint = hint }
end

local function read_file(name)
  if name == "-" then return io.read("a") end
  local text, e = require("cso.std.fs").read(name)
  return text, e and e.message
end

-- describe-vpcs and describe_vpcs are how other tools write DescribeVpcs.
local function bare(name) return (name:gsub("[%-_]", ""):lower()) end

-- What somebody who writes as for AWS's own tool, "ec2 describe-vpcs", means.
local function meant(word, following)
  local service, name = word:match("^([%w%-]+)[.:]?([%w%-_]*)$")
  if name == "" then name = following or "" end
  local model = service and require("cso.std.catalogue").service(service)
  for _, known in ipairs(model and name ~= "" and model:operations() or {}) do
    if bare(known) == bare(name) then return service .. "." .. known end
  end
end

--- "ec2.DescribeVpcs" as the model of the service, its operation and its shapes.
---@param word string
---@param command string  for the hint
---@param following string?  the word behind it
---@return table? target { service, name, model, operation, lookup }
---@return cso.Err? err  class usage, with "did you mean"
function target.find(word, command, following)
  local catalogue = require "cso.std.catalogue"
  local suggest = require "cso.std.suggest"
  local service, name = word:match("^([%w%-]+)[.:](%w+)$")
  if not service then
    return usage(("%q is no SERVICE.OPERATION"):format(word),
      ("write csorun %s %s"):format(command, meant(word, following) or "ec2.DescribeVpcs"))
  end
  local model, e = catalogue.service(service)
  if not model then
    e = err.wrap(e, "usage")
    e.class = "usage"
    return nil, e
  end
  local names = model:operations()
  local operation = model:operation(name)
  if not operation then
    for _, known in ipairs(names) do
      if known:lower() == name:lower() then name, operation = known, model:operation(known) end
    end
  end
  if not operation then
    local near = suggest(name, names)
    return usage(("%s has no operation %s"):format(service, name),
      near and ("did you mean %s.%s?"):format(service, near))
  end
  return { service = service, name = name, model = model, operation = operation,
    lookup = function(shape) return model:shape(shape) end }
end

--- The words behind the operation as its input.
---@param found table  from `find`
---@param args string[]  the operation itself first
---@return table? input
---@return cso.Err? err  class usage
function target.input(found, args)
  local typed = require "cso.cmd.typed"
  local shape = found.operation.input and found.lookup(found.operation.input.shape)
  return typed.input(table.move(args, 2, #args, 1, {}), shape, found.lookup, read_file,
    require("cso.aws.file").of)
end

return target
