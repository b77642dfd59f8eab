--- Looks for known secrets in bytes, in the forms in which they get into files: as they are, as JSON
--- writes them, in base64 (at any offset of a longer text) and percent-encoded. What is found is told
--- by the name of the secret; the secret itself is never given back.
local cover = require "cso.state.cover"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local lfs = require "lfs"
local sealed = require "cso.state.sealed"

local search = {}

--- A shorter value is found everywhere by accident.
search.SHORTEST = 6

local CHUNK = 1 << 20

-- The characters of base64 that this text alone decides, when it stands `before` bytes into another.
local function base64_at(text, before)
  local coded = hash.base64_encode(("\0"):rep(before) .. text):gsub("=", "")
  local first = (before * 8 + 5) // 6
  local last = (before + #text) * 8 // 6
  return coded:sub(first + 1, last)
end

local function percent(text, format, space)
  return (text:gsub("[^%w%-%._~]", function(c) return c == " " and space or format:format(c:byte()) end))
end

--- What to look for.
---@param secrets { name: string, value: string }[]
---@return { name: string, form: string, text: string }[] needles
function search.needles(secrets)
  local out, seen = {}, {}
  local function add(name, form, text)
    if #text < search.SHORTEST or seen[text] then return end
    seen[text] = true
    out[#out + 1] = { name = name, form = form, text = text }
  end
  for _, one in ipairs(secrets) do
    local v = one.value
    if #v >= search.SHORTEST then
      add(one.name, "in clear", v)
      local written = json.encode(v)
      add(one.name, "as JSON", written and written:sub(2, -2) or v)
      for before = 0, 2 do
        local coded = base64_at(v, before)
        add(one.name, "in base64", coded)
        add(one.name, "in base64", (coded:gsub("[+/]", { ["+"] = "-", ["/"] = "_" })))
      end
      for _, format in ipairs { "%%%02X", "%%%02x" } do
        add(one.name, "URL-encoded", percent(v, format))
        add(one.name, "URL-encoded", percent(v, format, "+"))
      end
    end
  end
  return out
end

-- Tells each needle of a place once.
local function in_text(text, needles, seen, tell, where)
  for i, needle in ipairs(needles) do
    if not seen[i] and text:find(needle.text, 1, true) then
      seen[i] = true
      tell { whose = needle.name, form = needle.form, where = where }
    end
  end
end

local function in_database(db, needles, seen, tell)
  for _, t in ipairs(db:query "SELECT name FROM sqlite_schema WHERE type = 'table'" or {}) do
    for _, row in ipairs(db:query(('SELECT * FROM "%s"'):format((t.name:gsub('"', '""')))) or {}) do
      for column, v in pairs(row) do
        if type(v) == "string" then in_text(v, needles, seen, tell, t.name .. "." .. column) end
      end
    end
  end
end

search.in_text, search.in_database = in_text, in_database

-- A value that is longer than a page lies in pieces in the file; SQLite puts them together.
local function in_tables(path, needles, sealer, seen, tell)
  local file = require "cso.state.file"
  local copy = file.aside(path)
  if not copy then return true end
  local db, e = cover.open(copy, sealer)
  if db then
    in_database(db, needles, seen, tell)
    db:close()
  end
  file.discard(copy)
  return db ~= nil or e.code ~= "sealed" and e.code ~= "wrong_key"
end

-- What a whole sealed file may be: a plan, changes that could not be written.
local function opened(bytes, sealer)
  for _, what in ipairs { "plan", "changes" } do
    local text = sealer:back(bytes, what)
    if text then return text end
  end
end

local UNREAD = "it is encrypted, and was not looked into"

local function in_file(path, needles, sealer, tell)
  local handle, why = io.open(path, "rb")
  if not handle then return nil, why end
  local longest, seen, tail, first = 1, {}, "", true
  for _, needle in ipairs(needles) do longest = math.max(longest, #needle.text) end
  local head = ""
  while true do
    local chunk = handle:read(CHUNK)
    if not chunk then break end
    if first then head, first = chunk, false end
    local text = tail .. chunk
    in_text(text, needles, seen, tell)
    tail = text:sub(-longest)
  end
  handle:close()
  if head:sub(1, 16) == "SQLite format 3\0" or cover.is_file(head) then
    if not in_tables(path, needles, sealer, seen, tell) then return nil, UNREAD end
  elseif sealed.is_one(head) then
    local text = opened(fs.read(path) or "", sealer)
    if not text then return nil, UNREAD end
    in_text(text, needles, seen, tell, "encrypted")
  end
  return true
end

--- Files below a path, sorted; links are not followed.
---@param path string
---@param out string[]
---@param skip table<string, boolean>
local function walk(path, out, skip)
  local about = lfs.symlinkattributes(path)
  if not about or skip[path] then return end
  if about.mode == "file" then out[#out + 1] = path end
  if about.mode ~= "directory" then return end
  for _, name in ipairs(fs.list(path) or {}) do walk(path .. "/" .. name, out, skip) end
end

search.walk = walk

--- Looks into files.
---@param files string[]
---@param needles table[]                     from search.needles
---@param sealer cso.state.Sealer           opens what is sealed
---@return { path: string, whose: string, form: string, where: string? }[] found
---@return { path: string, why: string }[] unread
function search.run(files, needles, sealer)
  local found, unread = {}, {}
  for _, path in ipairs(files) do
    local ok, why = in_file(path, needles, sealer, function(one)
      one.path = path
      found[#found + 1] = one
    end)
    if not ok then unread[#unread + 1] = { path = path, why = why } end
  end
  return found, unread
end

return search
