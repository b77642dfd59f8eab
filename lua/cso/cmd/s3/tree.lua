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

local function same(a, b) return a.dev == b.dev and a.ino == b.ino end

-- A link to a directory may lead back up.
local function is_above(stack, about)
  for _, level in ipairs(stack) do
    if same(level.about, about) then return true end
  end
  return false
end

-- What a directory has, in the order that the names of what lies below would have.
local function entries(dir, stack, o)
  local lfs = require "lfs"
  local ok, iterator, state = pcall(lfs.dir, dir)
  if not ok then
    if #stack > 1 then
      o.skip(dir, "it can't be read")
      return {}
    end
    error(err.new { code = "file", class = "config", message = ("can't read %s: %s"):format(dir, iterator) }, 0)
  end
  local list = {}
  local function take(name, path)
    local linked = lfs.symlinkattributes(path, "mode") == "link"
    if linked and o.no_links then return end
    local about = lfs.attributes(path)
    if not about then
      if linked then o.skip(path, "it is a link to nothing") end
    elseif not utf8.len(name) then
      o.skip(path, "its name is not UTF-8, which names of objects are")
    elseif about.mode == "directory" then
      if linked and not o.follow then return end
      if linked and is_above(stack, about) then return o.skip(path, "it is a link to a directory above it") end
      list[#list + 1] = { name = name .. "/" }
    elseif about.mode ~= "file" then
      o.skip(path, "it is no file")
    elseif not name:find("%.csorun%-part") then
      list[#list + 1] = { name = name, size = about.size, time = about.modification }
    end
  end
  for name in iterator, state do
    if name ~= "." and name ~= ".." then take(name, dir .. "/" .. name) end
  end
  table.sort(list, by_name)
  return list
end

--- The files below a directory, in the order of their names' bytes; none when there is no directory.
--- A directory is read when the walk comes to it.
---@param dir string
---@param o { follow: boolean?, no_links: boolean?, skip: fun(path: string, why: string)? }?
---   follow: go into directories that links lead to; no_links: leave links out; skip: is told of what can't be taken
---@return fun(): cso.cmd.s3.Item?
function tree.files(dir, o)
  o = { follow = o and o.follow, no_links = o and o.no_links, skip = o and o.skip or function() end }
  local root = dir:gsub("(.)/+$", "%1")
  local attributes = require("lfs").attributes
  local about = attributes(dir)
  if not about then return function() end end
  local stack = {}
  local function enter(prefix, path)
    local level = { prefix = prefix, list = {}, at = 0, about = attributes(path) or about }
    stack[#stack + 1] = level
    level.list = entries(path, stack, o)
  end
  enter("", root)
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
        enter(prefix, root .. "/" .. prefix:sub(1, -2))
      end
    end
  end
end

--- What lies below a place of either kind.
---@param client table
---@param at table
---@param o table?  as for `files`
---@return fun(): cso.cmd.s3.Item?
function tree.items(client, at, o)
  if at.path then return tree.files(at.path, o) end
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
