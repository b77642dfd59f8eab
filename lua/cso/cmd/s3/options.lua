--- The options of s3 commands, and what of them goes into the calls that write.
local err = require "cso.std.err"

local options = {}

options.shared = {
  { long = "dry-run", help = "say what would be done" },
  { long = "dryrun", key = "dry_run", help = "the same" },
}

options.filters = {
  { long = "exclude", value = "GLOB", key = "filters", tagged = true, many = true,
    help = "leave names that fit; the last filter that fits decides" },
  { long = "include", value = "GLOB", key = "filters", tagged = true, many = true,
    help = "take names that fit, after an --exclude" },
}

options.recursive = { { long = "recursive", help = "everything below the place" } }

-- `to` is the parameter's name; `content`: what a copy keeps unless it is told otherwise.
options.writing = {
  { long = "acl", value = "ACL", to = "ACL", help = "a canned ACL for what is written" },
  { long = "content-type", value = "TYPE", to = "ContentType", content = true,
    help = "instead of what the file's name says" },
  { long = "content-encoding", value = "CODING", to = "ContentEncoding", content = true, help = "gzip …" },
  { long = "content-disposition", value = "TEXT", to = "ContentDisposition", empty = true, content = true,
    help = "how browsers show it" },
  { long = "content-language", value = "LANG", to = "ContentLanguage", content = true, help = "de …" },
  { long = "cache-control", value = "TEXT", to = "CacheControl", empty = true, content = true, help = "max-age=3600 …" },
  { long = "metadata", value = "KEY=VALUE,…", to = "Metadata", content = true,
    help = "the object's own metadata, as pairs or as a JSON object" },
  { long = "storage-class", value = "CLASS", to = "StorageClass", help = "STANDARD_IA, GLACIER_IR …" },
  { long = "sse", value = "KIND", to = "ServerSideEncryption", help = "AES256 or aws:kms" },
  { long = "sse-kms-key-id", value = "KEY", to = "SSEKMSKeyId", help = "the key for aws:kms" },
  { long = "checksum-algorithm", value = "NAME", to = "ChecksumAlgorithm",
    choices = { "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128" },
    help = "what an object is checked with for ever, instead of CRC32" },
  { long = "expected-size", value = "BYTES", kind = "integer", help = "of standard input, when it may be more than 80 GB" },
  { long = "no-follow-symlinks", help = "leave links out" },
  { long = "if-none-match", value = "*", choices = { "*" }, to = "IfNoneMatch",
    help = "fail where there is an object of that name" },
  { long = "if-match", value = "ETAG", to = "IfMatch", help = "replace this version of the object only" },
  { long = "no-overwrite", help = "the same as --if-none-match '*'" },
}

local function metadata(text)
  local map = text:find("^%s*{") and require("cso.std.json").decode(text)
  if type(map) ~= "table" then
    map = {}
    for pair in (text .. ","):gmatch("([^,]*),") do
      local key, value = pair:match("^([^=]+)=(.*)$")
      if key then map[key] = value elseif pair ~= "" then map = nil break end
    end
  end
  for key, value in next, map or {} do
    if type(key) ~= "string" or type(value) ~= "string" then map = nil break end
  end
  if not map then
    return nil, err.new { code = "usage", class = "usage",
      message = ("--metadata takes KEY=VALUE,KEY=VALUE or a JSON object of texts, got %q"):format(text) }
  end
  return map
end

--- The parameters that the command line asks for.
---@param opts table
---@return table? params
---@return cso.Err? err class usage
---@return boolean? content  whether they say what the content is
function options.params(opts)
  local params, content = {}, false
  for _, option in ipairs(options.writing) do
    local value = opts[option.long:gsub("%-", "_")]
    if value and option.to then
      local e
      if option.to == "Metadata" then
        value, e = metadata(value)
        if not value then return nil, e end
      end
      params[option.to] = value
      content = content or option.content == true
    end
  end
  if opts.no_overwrite then params.IfNoneMatch = "*" end
  return params, nil, content
end

return options
