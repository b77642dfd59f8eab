--- csorun s3 ls|cp|sync|rm
local shared = {
  { long = "dry-run", help = "say what would be done" },
}

local writing = {
  { long = "acl", value = "ACL", help = "a canned ACL for what is written" },
  { long = "content-type", value = "TYPE", help = "instead of what the file's name says" },
  { long = "storage-class", value = "CLASS", help = "STANDARD_IA, GLACIER_IR …" },
  { long = "sse", value = "KIND", help = "AES256 or aws:kms" },
  { long = "sse-kms-key-id", value = "KEY", help = "the key for aws:kms" },
  { long = "no-overwrite", help = "fail where there is an object of that name" },
}

local recursive = { long = "recursive", help = "everything below the place" }

local function command(given, ...)
  local out, options = {}, {}
  for k, v in pairs(given) do out[k] = v end
  for _, list in ipairs { given.options or {}, ... } do
    for _, option in ipairs(list) do options[#options + 1] = option end
  end
  out.options, out.waits = options, true
  return out
end

return {
  name = "s3",
  help = "List, copy, synchronise and delete files and objects",
  waits = true,
  commands = {
    command(require "cso.cmd.s3.ls"),
    command(require "cso.cmd.s3.cp", { recursive }, writing, shared),
    command(require("cso.cmd.s3.sync").command, writing, shared),
    command(require("cso.cmd.s3.rm").command, { recursive }, shared),
  },
  text = table.concat({
    "  csorun s3 cp backup.tar s3://bucket/2026/",
    "  csorun s3 cp s3://bucket/2026/backup.tar .",
    "  csorun s3 sync site s3://bucket/site --delete",
    "Files of 8 MiB and more move in parts, four at once; a download that broke goes on where it",
    "stopped; checksums are verified both ways.",
  }, "\n"),
}
