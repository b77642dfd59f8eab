--- csorun s3 ls|cp|sync|rm
local options = require "cso.cmd.s3.options"

local function command(given, ...)
  local out, all = {}, {}
  for k, v in pairs(given) do out[k] = v end
  for _, list in ipairs { given.options or {}, ... } do
    for _, option in ipairs(list) do all[#all + 1] = option end
  end
  out.options, out.waits = all, true
  return out
end

return {
  name = "s3",
  help = "List, copy, synchronise and delete files and objects",
  waits = true,
  commands = {
    command(require "cso.cmd.s3.ls"),
    command(require "cso.cmd.s3.cp", options.recursive, options.filters, options.writing, options.shared),
    command(require "cso.cmd.s3.sync", options.filters, options.writing, options.shared),
    command(require("cso.cmd.s3.rm").command, options.recursive, options.filters, options.shared),
  },
  text = table.concat({
    "  csorun s3 cp backup.tar s3://bucket/2026/",
    "  csorun s3 cp s3://bucket/2026/backup.tar .",
    "  csorun s3 sync site s3://bucket/site --delete --exclude '*.tmp'",
    "  tar c . | csorun s3 cp - s3://bucket/all.tar; csorun s3 cp s3://bucket/all.tar - | tar t",
    "Up to eight files move at once, those of 8 MiB and more in parts; a download that broke goes on",
    "where it stopped; checksums are verified both ways. A file that fails is told and the others go",
    "on; the exit code then says what failed.",
  }, "\n"),
}
