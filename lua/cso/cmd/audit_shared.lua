--- Looks for known secrets in what a shared state has in its bucket: each version of its snapshot that is kept,
--- and the journal behind it.
local cover = require "cso.state.cover"
local search = require "cso.cmd.audit_search"
local segments = require "cso.state.remote.segments"
local shared = require "cso.cmd.shared"
local snapshot = require "cso.state.remote.snapshot"

---@param ctx cso.cmd.Context
---@param place string       s3://BUCKET/KEY
---@param needles table[]    from audit_search.needles
---@return { path: string, whose: string, form: string, where: string? }[]? found, cso.Err|integer  the number of objects
return function(ctx, place, needles)
  local objects, e = shared.objects(ctx, place)
  if not objects then return nil, e end
  local found, count = {}, 0
  local function teller(path)
    count = count + 1
    return function(one)
      one.path = path
      found[#found + 1] = one
    end
  end
  local versions
  versions, e = snapshot.versions(objects)
  if not versions then return nil, e end
  for _, v in ipairs(versions) do
    local bytes, ok
    bytes, e = snapshot.of_version(objects, v)
    if not bytes then return nil, e end
    local tell, seen = teller(("%s (serial %d)"):format(place, v.serial)), {}
    search.in_text(bytes, needles, seen, tell)
    ok, e = cover.in_memory(bytes, function(db)
      search.in_database(db, needles, seen, tell)
      return true
    end)
    if not ok then return nil, e end
  end
  local ok
  ok, e = segments.each(objects, function(name, text) search.in_text(text, needles, {}, teller(name), "journal") end)
  if not ok then return nil, e end
  return found, count
end
