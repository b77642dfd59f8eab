--- csorun doc ec2 | ec2.RunInstances[.Member…] | AWS::EC2::Subnet[.Property…] | EC2.Subnet | cso.s3.Object[.Property…]
local catalogue = require "cso.std.catalogue"
local docs = require "cso.models.docs"
local err = require "cso.std.err"
local lazy = require "cso.std.lazy"
local page = require "cso.cmd.doc.page"
local suggest = require "cso.std.suggest"

local kinds = lazy "cso.kind"

local doc = {
  name = "doc",
  help = "Explain a service, an operation or a resource type",
  usage = "[SERVICE | SERVICE.OPERATION | AWS::Service::Type | cso.TYPE]",
  args = { { name = "NAME", optional = true, complete = "operation" } },
  options = {
    { long = "depth", value = "N", kind = "integer", help = "levels of nested members to show (2; 3 below a member)" },
    { long = "full", help = "whole texts of the members instead of first sentences" },
    { long = "no-text", help = "leave out the documentation of installed models" },
  },
}

local function unknown(message, word, list)
  local near = word and suggest(word, list)
  return nil, err.new { code = "unknown", class = "usage", message = message,
    hint = near and ("did you mean %s?"):format(near) or nil }
end

-- A name of a list without regard to case.
local function match(list, word)
  local lower = word:lower()
  for _, name in ipairs(list) do
    if name:lower() == lower then return name end
  end
end

local function split(text)
  local parts = {}
  for part in text:gmatch("[^.]+") do parts[#parts + 1] = part:gsub("%[%d*%]$", "") end
  return parts
end

local function no_member(where, path, names)
  local missing = path[#path]
  for _, part in ipairs(path) do
    if not match(names, part) then missing = part end
  end
  return unknown(("%s has no %s"):format(where, table.concat(path, ".")), missing, names)
end

local function show_type(p, name, path, options)
  local T, e = kinds.describe(name), nil
  if not T then T, e = catalogue.type(name) end
  if not T then return nil, e end
  options.docs = options.texts and docs.type(name, options.environ)
  local types = require "cso.cmd.doc.type"
  if #path == 0 then
    types.fill(p, T, { depth = options.depth or 2, docs = options.docs })
    return true
  end
  local found, names = types.fill_property(p, T, path, { depth = options.depth or 3, docs = options.docs })
  if not found then return no_member(name, path, names) end
  return true
end

local function show_service(p, service, path, options)
  local S, e = catalogue.service(service)
  if not S then return nil, e end
  local operation = require "cso.cmd.doc.operation"
  local model = options.texts and docs.service(service, options.environ) or nil
  local word = table.remove(path, 1)
  if not word then
    operation.fill_service(p, S, { model = model })
    return true
  end
  local name = match(S:operations(), word)
  if not name then return unknown(("%s has no operation %s"):format(service, word), word, S:operations()) end
  if #path == 0 then
    operation.fill(p, S, name, { depth = options.depth or 2, model = model })
    return true
  end
  local found, names = operation.fill_member(p, S, name, path, { depth = options.depth or 3, model = model })
  if not found then return no_member(service .. "." .. name, path, names) end
  return true
end

local function show_all(p)
  p:title("services")
  p:names(catalogue.services())
  local seen, namespaces = {}, {}
  for _, name in ipairs(catalogue.types()) do
    local namespace = name:match("^(.-::.-)::")
    if not seen[namespace] then
      seen[namespace] = true
      namespaces[#namespaces + 1] = namespace
    end
  end
  p:section("resource types of")
  p:names(namespaces)
  p:section("resource types of csorun's own")
  p:names(kinds.own_types())
  return true
end

local function show_namespace(p, word)
  local list = {}
  for _, name in ipairs(catalogue.types()) do
    if name:lower():sub(1, #word + 2) == word:lower() .. "::" then list[#list + 1] = name end
  end
  if #list == 0 then return nil end
  p:title("resource types of " .. word)
  p:names(list)
  return true
end

-- "cso.s3.Object.Key": a type of csorun's own has two or three parts to its name.
local function own_type(word)
  local list, parts = kinds.own_types(), split(word)
  for n = #parts, 2, -1 do
    local name = match(list, table.concat(parts, ".", 1, n))
    if name then return name, table.move(parts, n + 1, #parts, 1, {}) end
  end
  return nil, nil, list
end

--- Fills a page with what a word names.
---@param p cso.doc.Page
---@param word string
---@param options {depth: integer?, texts: boolean?, environ: table<string, string>}
---@return boolean? ok, cso.Err? err
function doc.fill(p, word, options)
  if word:find("::", 1, true) then
    local name, rest = word:match("^([^.]+)%.?(.*)$")
    if show_namespace(p, name) then return true end
    return show_type(p, match(catalogue.types(), name) or name, split(rest), options)
  end
  if word:lower():find "^cso%.?$" then
    p:title "resource types of csorun's own"
    p:names(kinds.own_types())
    return true
  elseif word:lower():find "^cso%." then
    local name, rest, list = own_type(word)
    if not name then return unknown("there is no type " .. word, word, list) end
    return show_type(p, name, rest, options)
  end
  local path = split(word)
  local head = table.remove(path, 1) or ""
  local service = match(catalogue.services(), head)
  -- "EC2.Subnet" is a type as playbooks write it; "ec2.RunInstances" an operation.
  if path[1] then
    local as_type = ("AWS::%s::%s"):format(head, path[1])
    local name = match(catalogue.types(), as_type)
    local S = service and catalogue.service(service)
    if name and not (S and match(S:operations(), path[1])) then
      table.remove(path, 1)
      return show_type(p, name, path, options)
    end
  end
  if not service and #path == 0 and show_namespace(p, "AWS::" .. head) then return true end
  return show_service(p, service or head, path, options)
end

--- What a word names, as text: for the command and for the REPL.
---@param word string?
---@param options {paint: cso.ui.Paint, full: boolean?, depth: integer?, texts: boolean?, environ: table<string, string>}
---@return string? text, cso.Err? err
function doc.text(word, options)
  local p = page.new(options.paint, options.full)
  local ok, e
  if word then ok, e = doc.fill(p, word, options) else ok, e = show_all(p) end
  if not ok then return nil, e end
  return p:render()
end

function doc.run(opts, args, ctx)
  local text, e = doc.text(args[1], { paint = ctx.paint, full = opts.full, depth = opts.depth,
    texts = not opts.no_text, environ = ctx.environ })
  if not text then return nil, e end
  ctx.out(text)
  return 0
end

return doc
