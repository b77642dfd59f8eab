--- Brings models into the form that is kept in git: one packed file per service and one per
--- CloudFormation namespace, without documentation, and a manifest of where they come from.
---
---   OUT/models/ec2.json.gz   OUT/types/EC2.json.gz   OUT/partitions.json.gz   OUT/manifest.json
local botocore = require "cso.models.botocore"
local cloudformation = require "cso.models.cloudformation"
local err = require "cso.std.err"
local files = require "cso.models.files"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local lfs = require "lfs"

local import = {}

local LICENCE = "Apache-2.0" -- of both origins

local function count(t)
  local n = 0
  for _ in pairs(t or {}) do n = n + 1 end
  return n
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function must(value, e)
  if value == nil then error(e, 0) end
  return value
end

local function read_manifest(out)
  local manifest = files.kind(out .. "/manifest.json") and files.read_json(out .. "/manifest.json") or {}
  manifest.services = manifest.services or {}
  manifest.namespaces = manifest.namespaces or {}
  manifest.sources = manifest.sources or {}
  return manifest
end

-- Files of an earlier import that this one does not bring.
local function prune(dir, keep)
  for _, file in ipairs(files.list(dir)) do
    if not keep[file] then os.remove(dir .. "/" .. file) end
  end
end

-- The digest of many files: of the lines "<sha256>  <path below root>", in the order of the paths.
local function digest(seen, root)
  local lines = {}
  for path, sum in pairs(seen) do lines[#lines + 1] = sum .. "  " .. path:sub(#root + 2) end
  table.sort(lines, function(a, b) return a:sub(67) < b:sub(67) end)
  return hash.sha256_hex(table.concat(lines, "\n") .. "\n")
end

local function import_services(found, data, out, manifest, options)
  local all, keep = {}, {}
  if options.prune then manifest.services = {} end
  for _, name in ipairs(sorted_keys(found)) do
    local seen = {}
    local model = must(botocore.read(name, found[name], { seen = function(path, bytes)
      seen[path] = hash.sha256_hex(bytes)
      all[path] = seen[path]
    end }))
    must(files.write_json(("%s/models/%s.json.gz"):format(out, name), model))
    keep[name .. ".json.gz"] = true
    manifest.services[name] = { apiVersion = model.metadata.apiVersion, operations = count(model.operations),
      shapes = count(model.shapes), sha256 = digest(seen, found[name]) }
    options.say(("%s: %d operations"):format(name, count(model.operations)))
  end
  if options.prune then prune(out .. "/models", keep) end
  local partitions = files.either(data .. "/partitions.json")
  if partitions then
    local value, bytes = files.read_json(partitions)
    must(value, bytes)
    all[partitions] = hash.sha256_hex(bytes)
    must(files.write_json(out .. "/partitions.json.gz", value))
  end
  manifest.sources.botocore = { package = "botocore", licence = LICENCE, files = count(all),
    version = options.version or botocore.version(data) or "unknown", sha256 = digest(all, data),
    sha256_of = "the sorted lines '<sha256>  <path>' of the files read" }
end

local function import_types(path, db, bytes, out, manifest, options)
  local by_namespace, keep, all = {}, {}, cloudformation.convert(db)
  for name, T in pairs(all) do
    local vendor, namespace = name:match("^(.-)::(.-)::")
    local file = vendor == "AWS" and namespace or vendor .. "-" .. namespace
    by_namespace[file] = by_namespace[file] or {}
    by_namespace[file][name] = T
  end
  if options.prune then manifest.namespaces = {} end
  for namespace, types in pairs(by_namespace) do
    must(files.write_json(("%s/types/%s.json.gz"):format(out, namespace), types))
    keep[namespace .. ".json.gz"] = true
    manifest.namespaces[namespace] = count(types)
  end
  if options.prune then prune(out .. "/types", keep) end
  local package = files.read_json((path:match("^(.*)/") or ".") .. "/package.json") or {}
  manifest.sources.cloudformation = { package = package.name or "@aws-cdk/aws-service-spec", licence = LICENCE,
    version = options.version or package.version or "unknown", file = path:match("[^/]*$"),
    sha256 = hash.sha256_hex(bytes) }
  options.say(("%d resource types"):format(count(all)))
end

local function import_one(path, out, manifest, options)
  if files.kind(path) == "file" then
    local db, bytes = files.read_json(path)
    must(db, bytes)
    if not cloudformation.is_database(db) then
      error(err.new { code = "models", class = "usage", message = path .. " is not a CloudFormation database",
        hint = "give a botocore directory, or db.json.gz of @aws-cdk/aws-service-spec" }, 0)
    end
    return import_types(path, db, bytes, out, manifest, options)
  end
  local found, data = botocore.find(path)
  if not found then
    error(err.new { code = "models", class = "usage", message = "no botocore models under " .. path,
      hint = "name a directory that holds <service>/<version>/service-2.json" }, 0)
  end
  return import_services(found, data, out, manifest, options)
end

local function total(manifest)
  local counts = { services = count(manifest.services), operations = 0, shapes = 0, types = 0 }
  for _, s in pairs(manifest.services) do
    counts.operations = counts.operations + s.operations
    counts.shapes = counts.shapes + s.shapes
  end
  for _, n in pairs(manifest.namespaces) do counts.types = counts.types + n end
  return counts
end

--- Imports models and types into a directory.
---@param paths string[]  botocore directories, db.json(.gz) files
---@param out string
---@param options {version: string?, archives: string[]?, prune: boolean?, say: fun(line: string)?}?
---   archives: the packages that the paths were unpacked from, for the manifest;
---   prune: what this import does not bring is removed
---@return table? manifest, cso.Err? err
function import.run(paths, out, options)
  options = setmetatable({ say = options and options.say or function() end }, { __index = options })
  local ok, result = pcall(function()
    local manifest = read_manifest(out)
    for _, path in ipairs(paths) do import_one((path:gsub("(.)/+$", "%1")), out, manifest, options) end
    if options.archives then
      manifest.archives = not options.prune and manifest.archives or {}
      for _, path in ipairs(options.archives) do
        manifest.archives[path:match("[^/]*$")] = hash.sha256_hex(must(files.read(path)))
      end
    end
    manifest.counts = total(manifest)
    files.make_parents(out .. "/manifest.json")
    must(files.write(out .. "/manifest.json", json.encode(manifest, { indent = 2 }) .. "\n"))
    return manifest
  end)
  if not ok then return nil, err.wrap(result) end
  return result
end

--- Where models with documentation may lie on this machine, in the order of preference.
---@param environ table<string, string>
---@return string[]
function import.places(environ)
  local places = {}
  for path in (environ.AWS_DATA_PATH or ""):gmatch("[^:]+") do places[#places + 1] = path end
  if environ.HOME then places[#places + 1] = environ.HOME .. "/.aws/models" end
  for _, base in ipairs { "/usr/lib/python3/dist-packages", "/usr/local/lib/python3/dist-packages" } do
    for _, package in ipairs { "botocore", "awscli/botocore" } do
      places[#places + 1] = ("%s/%s/data"):format(base, package)
    end
  end
  local there = {}
  for _, path in ipairs(places) do
    if lfs.attributes(path, "mode") == "directory" then there[#there + 1] = path end
  end
  return there
end

return import
