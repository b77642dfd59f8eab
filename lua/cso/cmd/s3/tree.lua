--- What lies under a place: names relative to it, with size and time, in order.
local err = require "cso.std.err"

local tree = {}

---@class cso.cmd.s3.Item
---@field name string    relative
---@field size integer
---@field time number    last change, epoch seconds
---@field etag string?

--- Walks the objects below a prefix; raises what the service says.
---@param client table
---@param at { bucket: string, key: string }
---@return fun(): table?  objects as ListObjectsV2 gives them
function tree.objects(client, at)
  local pages = client:pages("ListObjectsV2", { Bucket = at.bucket, Prefix = at.key ~= "" and at.key or nil })
  local contents, i = {}, 0
  return function()
    while true do
      i = i + 1
      if contents[i] then return contents[i] end
      local page, e = pages()
      if not page then
        if e then error(e, 0) end
        return nil
      end
      contents, i = page.Contents or {}, 0
    end
  end
end

--- The objects below a place.
---@param client table
---@param at { bucket: string, key: string }
---@return cso.cmd.s3.Item[]
function tree.remote(client, at)
  local list = {}
  for object in tree.objects(client, at) do
    local name = object.Key:sub(#at.key + 1)
    -- A key that ends in a slash is a folder of the console, not a file.
    if name ~= "" and not name:find("/$") then
      list[#list + 1] = { name = name, size = object.Size, time = object.LastModified, etag = object.ETag }
    end
  end
  return list
end

local function walk(dir, prefix, list)
  local lfs = require "lfs"
  local ok, iterator, state = pcall(lfs.dir, dir)
  if not ok then
    error(err.new { code = "file", class = "config", message = ("can't read %s: %s"):format(dir, iterator) }, 0)
  end
  for name in iterator, state do
    if name ~= "." and name ~= ".." then
      local about = lfs.attributes(dir .. "/" .. name)
      if about and about.mode == "directory" then
        -- A link to a directory may lead back up.
        if lfs.symlinkattributes(dir .. "/" .. name, "mode") == "directory" then
          walk(dir .. "/" .. name, prefix .. name .. "/", list)
        end
      elseif about and about.mode == "file" and not name:find("%.csorun%-part") then
        list[#list + 1] = { name = prefix .. name, size = about.size, time = about.modification }
      end
    end
  end
end

--- The files below a directory; none when there is no directory.
---@param dir string
---@return cso.cmd.s3.Item[]
function tree.files(dir)
  local list = {}
  if require("lfs").attributes(dir, "mode") then walk(dir, "", list) end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The directory of a path, made when it is not there.
---@param path string
function tree.make_room(path)
  local dir = path:match("^(.*)/[^/]*$")
  if not dir or dir == "" then return end
  local made, e = require("cso.std.fs").mkdir_p(dir)
  if not made then error(e, 0) end
end

return tree
