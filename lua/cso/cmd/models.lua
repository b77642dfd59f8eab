--- csorun models import|compile|list
local function mib(bytes) return ("%.1f MiB"):format(bytes / 1048576) end

local import = {
  name = "import",
  help = "Read botocore models and CloudFormation's type database into a directory",
  usage = "PATH…",
  args = { { name = "PATH", many = true, complete = "dir" } },
  options = {
    { long = "out", value = "DIR", default = "vendor", complete = "dir", help = "where to write (vendor)" },
    { long = "release", value = "VERSION", help = "version of the package, when it does not tell" },
    { long = "archive", value = "FILE", many = true, complete = "file",
      help = "the package they come from; its digest goes into the manifest" },
    { long = "prune", help = "remove services and types that this import does not bring" },
    { long = "verbose", help = "name each service" },
  },
}

function import.run(opts, args, ctx)
  local say = opts.verbose and function(line) ctx.note(line .. "\n") end
  local manifest, e = require("cso.models.import").run(args, opts.out or "vendor",
    { version = opts.release, archives = opts.archive, prune = opts.prune, say = say })
  if not manifest then return nil, e end
  local c = manifest.counts
  ctx.out(("%d services, %d operations, %d resource types in %s\n"):format(c.services, c.operations, c.types,
    opts.out or "vendor"))
  return 0
end

local compile = {
  name = "compile",
  help = "Make the catalogue file from an imported directory",
  options = {
    { long = "vendor", value = "DIR", default = "vendor", complete = "dir", help = "imported directory (vendor)" },
    { long = "out", value = "FILE", default = "catalogue.bin", complete = "file", help = "file to make (catalogue.bin)" },
  },
}

function compile.run(opts, _, ctx)
  local started = os.clock()
  local result, e = require("cso.models.compile").run(opts.vendor or "vendor", opts.out or "catalogue.bin")
  if not result then return nil, e end
  ctx.out(("%s: %d services, %d resource types, %s in %.1f s\n"):format(opts.out or "catalogue.bin",
    result.services, result.types, mib(result.bytes), os.clock() - started))
  return 0
end

local list = {
  name = "list",
  help = "Show which catalogue is used, where its data come from, and its services",
}

function list.run(_, _, ctx)
  local catalogue = require "cso.std.catalogue"
  local manifest = catalogue.manifest() or {}
  ctx.out(("catalogue  %s\n"):format(catalogue.path()))
  for _, kind in ipairs { "botocore", "cloudformation" } do
    local s = manifest.sources and manifest.sources[kind]
    if s then ctx.out(("%-10s %s %s (%s)\n"):format("from", s.package, s.version, s.licence)) end
  end
  for _, place in ipairs(require("cso.models.import").places(ctx.environ)) do
    ctx.out(("%-10s %s\n"):format("docs from", place))
  end
  ctx.out(("types      %d\n\n"):format(#catalogue.types()))
  for _, name in ipairs(catalogue.services()) do
    local S = catalogue.service(name)
    ctx.out(("%-34s %-12s %4d operations  %s\n"):format(name, S:metadata().apiVersion, #S:operations(), S:protocol()))
  end
  return 0
end

return {
  name = "models",
  help = "Import API models, make the catalogue, list what is in it",
  commands = { import, compile, list },
}
