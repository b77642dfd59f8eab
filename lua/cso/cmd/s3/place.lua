--- The two kinds of places that s3 commands move things between: s3://BUCKET/KEY and paths. Pure.
local err = require "cso.std.err"

local place = {}

--- What a word of the command line names.
---@param word string
---@return { bucket: string, key: string }|{ path: string }|{ standard: true } place
function place.read(word)
  local rest = word:match("^[sS]3://(.*)$")
  if word == "-" then return { standard = true } end
  if not rest then return { path = word } end
  -- Access points are named by ARNs, which hold a slash of their own.
  local bucket, key = rest:match("^(arn:[^/]*[:/][^/]+)/?(.*)$")
  if not bucket then bucket, key = rest:match("^([^/]*)/?(.*)$") end
  return { bucket = bucket, key = key }
end

--- A place in S3, or an error.
---@param word string
---@param command string
---@return { bucket: string, key: string }? place
---@return cso.Err? err class usage
function place.remote(word, command)
  local found = place.read(word)
  if found.bucket and found.bucket ~= "" then return found end
  return nil, err.new { code = "usage", class = "usage",
    message = ("%s takes s3://BUCKET/KEY, got %q"):format(command, word) }
end

--- A place as a person writes it.
---@param p table
---@return string
function place.name(p)
  if p.standard then return "-" end
  return p.path or ("s3://%s/%s"):format(p.bucket, p.key)
end

--- A name for the eye: what would move a terminal's cursor, or end the line, is spelled out.
---@param name string
---@return string
function place.shown(name)
  return (name:gsub("%c", function(c) return ("\\x%02x"):format(c:byte()) end))
end

--- The last part of a path or key.
---@param name string
---@return string
function place.base(name) return name:match("([^/]+)/*$") or name end

--- A place in S3 as what all keys below it begin with.
---@param at table  changed in place
---@return table
function place.as_prefix(at)
  if at.bucket and at.key ~= "" and not at.key:find("/$") then at.key = at.key .. "/" end
  return at
end

--- Where a name lies below a place; raises when a key leads out of it.
---@param at table
---@param name string
---@return table
function place.below(at, name)
  if at.bucket then return { bucket = at.bucket, key = at.key .. name } end
  local path, e = place.under(at.path, name)
  if not path then error(e, 0) end
  return { path = path }
end

--- The path of a key under a directory; keys may not lead out of it.
---@param dir string
---@param key string
---@return string? path
---@return cso.Err? err
function place.under(dir, key)
  for part in key:gmatch("[^/]+") do
    -- Even where the dots don't lead out by themselves, a link on the way may.
    if part == ".." or part:find("\0", 1, true) then
      return nil, err.new { code = "unsafe_key", class = "usage",
        message = ("the key %q could be written outside of %s"):format(key, dir),
        hint = "download it by itself: csorun s3 cp s3://BUCKET/KEY FILE" }
    end
  end
  return (dir:gsub("(.)/+$", "%1")) .. "/" .. key
end

local types = {
  css = "text/css", csv = "text/csv", gif = "image/gif", gz = "application/gzip", htm = "text/html",
  html = "text/html", ico = "image/vnd.microsoft.icon", jpeg = "image/jpeg", jpg = "image/jpeg",
  js = "text/javascript", json = "application/json", md = "text/markdown", mp4 = "video/mp4",
  pdf = "application/pdf", png = "image/png", svg = "image/svg+xml", tar = "application/x-tar",
  txt = "text/plain", wasm = "application/wasm", webp = "image/webp", woff2 = "font/woff2",
  xml = "text/xml", yaml = "application/yaml", yml = "application/yaml", zip = "application/zip",
}

--- What a file's name says of its content; nil when it says nothing.
---@param path string
---@return string?
function place.content_type(path) return types[(path:match("%.(%w+)$") or ""):lower()] end

return place
