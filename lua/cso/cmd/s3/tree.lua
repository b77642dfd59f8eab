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

-- A list as an iterator.
local function each(list)
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

local function by_name(a, b) return a.name < b.name end

--- The objects below a place, in the order of their names' bytes.
---@param client table
---@param at { bucket: string, key: string }
---@return fun(): cso.cmd.s3.Item?
function tree.remote(client, at)
  local objects = tree.objects(client, at)
  local function next_item()
    for object in objects do
      local name = object.Key:sub(#at.key + 1)
      -- A key that ends in a slash is a folder of the console, not a file.
      if name ~= "" and not name:find("/$") then
        return { name = name, size = object.Size, time = object.LastModified, etag = object.ETag }
      end
    end
  end
  -- Directory buckets list in an order of their own.
  if not at.bucket:find("--x-s3", 1, true) then return next_item end
  local list = {}
  for item in next_item do list[#list + 1] = item end
  table.sort(list, by_name)
  return each(list)
end

-- What a directory has, in the order that the names of what lies below would have.
local function entries(dir)
  local lfs = require "lfs"
  local ok, iterator, state = pcall(lfs.dir, dir)
  if not ok then
    error(err.new { code = "file", class = "config", message = ("can't read %s: %s"):format(dir, iterator) }, 0)
  end
  local list = {}
  for name in iterator, state do
    local path = dir .. "/" .. name
    local about = name ~= "." and name ~= ".." and lfs.attributes(path)
    if about and about.mode == "directory" then
      -- A link to a directory may lead back up.
      if lfs.symlinkattributes(path, "mode") == "directory" then list[#list + 1] = { name = name .. "/" } end
    elseif about and about.mode == "file" and not name:find("%.csorun%-part") then
      list[#list + 1] = { name = name, size = about.size, time = about.modification }
    end
  end
  table.sort(list, by_name)
  return list
end

--- The files below a directory, in the order of their names' bytes; none when there is no directory.
--- A directory is read when the walk comes to it.
---@param dir string
---@return fun(): cso.cmd.s3.Item?
function tree.files(dir)
  local root = dir:gsub("(.)/+$", "%1")
  if not require("lfs").attributes(dir, "mode") then return function() end end
  local stack = { { prefix = "", list = entries(root), at = 0 } }
  return function()
    while #stack > 0 do
      local level = stack[#stack]
      level.at = level.at + 1
      local item = level.list[level.at]
      if not item then
        stack[#stack] = nil
      elseif item.size then
        return { name = level.prefix .. item.name, size = item.size, time = item.time }
      else
        local prefix = level.prefix .. item.name
        stack[#stack + 1] = { prefix = prefix, list = entries(root .. "/" .. prefix:sub(1, -2)), at = 0 }
      end
    end
  end
end

--- What lies below a place of either kind.
---@param client table
---@param at table
---@return fun(): cso.cmd.s3.Item?
function tree.items(client, at)
  if at.path then return tree.files(at.path) end
  return tree.remote(client, at)
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
