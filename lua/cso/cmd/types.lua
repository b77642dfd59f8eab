--- csorun types [NAME…]: annotations for editors.
local function namespaces_of(catalogue)
  local by_name, names = {}, {}
  for _, name in ipairs(catalogue.types()) do
    local vendor, namespace = name:match("^(.-)::(.-)::")
    if vendor == "AWS" then
      if not by_name[namespace] then
        by_name[namespace] = {}
        names[#names + 1] = namespace
      end
      table.insert(by_name[namespace], name)
    end
  end
  return by_name, names
end

local function write(out, file, text)
  return require("cso.models.files").write(("%s/%s.lua"):format(out, file), text)
end

return {
  name = "types",
  help = "Write annotations of resource types and services for lua-language-server",
  usage = "[NAMESPACE | SERVICE]… [--out DIR]",
  args = { { name = "NAME", optional = true, many = true, complete = "service" } },
  options = {
    { long = "out", value = "DIR", default = ".cso/types", complete = "dir", help = "where to write (.cso/types)" },
  },
  run = function(opts, args, ctx)
    local catalogue = require "cso.std.catalogue"
    local stubs = require "cso.models.stubs"
    local out = opts.out or ".cso/types"
    local by_name, names = namespaces_of(catalogue)
    local wanted = #args > 0 and args or names
    for _, name in ipairs(wanted) do
      local ok, e
      if by_name[name] then
        local types = {}
        for i, type_name in ipairs(by_name[name]) do types[i] = catalogue.type(type_name) end
        ok, e = write(out, "aws/" .. name, stubs.namespace(name, types))
      else
        local S
        S, e = catalogue.service(name)
        if S then ok, e = write(out, "api/" .. name, stubs.service(S)) end
      end
      if not ok then return nil, e end
    end
    ctx.out(("%d files in %s\n"):format(#wanted, out))
    ctx.note(("Add %q to Lua.workspace.library in .luarc.json.\n"):format(out))
    return 0
  end,
}
