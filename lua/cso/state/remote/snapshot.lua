--- The whole state in the bucket: one object, replaced only by who has seen the one before. What is
--- to be known without reading it stands in its metadata.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local objects = require "cso.state.remote.objects"
local wrap = require "cso.state.remote.wrap"

local snapshot = {}

--- How many earlier snapshots are kept where the bucket keeps no versions itself.
snapshot.KEEP = 20

local function number(text) return math.tointeger(tonumber(text)) or 0 end

local function describe(etag, metadata)
  return { etag = etag, lineage = metadata["csorun-lineage"], serial = number(metadata["csorun-serial"]),
    fence = number(metadata["csorun-fence"]), segment = number(metadata["csorun-segment"]),
    sha256 = metadata["csorun-sha256"], by = metadata["csorun-by"], written = number(metadata["csorun-written"]) }
end

-- What is said of a snapshot beside it is sealed with it.
local function what(about)
  return ("snapshot %s %d %d %d"):format(about.lineage or "", about.serial, about.fence, about.segment)
end

--- What stands beside it, without its bytes.
---@param store cso.state.Objects
---@return { serial: integer, fence: integer, by: string?, written: integer }? about   false when there is none
---@return cso.Err?
function snapshot.about(store)
  local head, e = store:head ""
  if not head then return head, e end
  return describe(head.etag, head.metadata)
end

--- What helps when it can't be used.
---@param name string
---@return string hint
function snapshot.earlier(name)
  return ("csorun state versions --state %s shows the earlier ones, state pull --serial N gets one, "
    .. "state push puts it back"):format(name)
end

--- Reads it.
---@param store cso.state.Objects
---@param tail string?   of an earlier one
---@return { bytes: string, etag: string, lineage: string?, serial: integer, fence: integer, segment: integer }? snapshot
---   false when there is none
---@return cso.Err?
function snapshot.read(store, tail)
  local got, e = store:get(tail or "")
  if not got then return got, e end
  local about = describe(got.etag, got.metadata)
  if about.sha256 and about.sha256 ~= hash.sha256_hex(got.body) then
    return nil, err.new { code = "corrupt_state", class = "config",
      message = store.name .. " is damaged: its bytes are not those that were written",
      hint = snapshot.earlier(store.name) }
  end
  about.bytes, e = wrap.back(store, got.body, what(about))
  if not about.bytes then
    if e.code == "altered_seal" then e.hint = snapshot.earlier(store.name) end
    return nil, e
  end
  return about
end

-- Whether what is there is what a writer has seen: an etag, or nothing.
local function as_seen(there, seen) return (there and there.etag or nil) == seen end

--- Writes it in the place of what its writer has seen.
---@param store cso.state.Objects
---@param bytes string
---@param about { lineage: string, serial: integer, fence: integer, segment: integer, by: string, written: number }
---@param seen string?    etag of the snapshot that it replaces; nil: there is none
---@return table? snapshot, cso.Err?   code "lease_lost" when another was written meanwhile
function snapshot.write(store, bytes, about, seen)
  local covered, e = wrap.out(store, bytes, what(about))
  if not covered then return nil, e end
  local metadata = { ["csorun-sha256"] = hash.sha256_hex(covered), ["csorun-lineage"] = about.lineage,
    ["csorun-serial"] = tostring(about.serial), ["csorun-fence"] = tostring(about.fence),
    ["csorun-segment"] = tostring(about.segment), ["csorun-written"] = ("%d"):format(about.written // 1),
    ["csorun-by"] = (about.by or ""):gsub("[^%w%._@-]", "_") }
  local etag, there
  for _ = 1, objects.TRIES do
    etag, e = store:put("", covered, { none = seen == nil, match = seen, metadata = metadata })
    if etag then return describe(etag, metadata) end
    if not objects.is_conflict(e) and not objects.is_missing(e) then return nil, e end
    local refused = e
    there, e = store:head ""
    if there == nil then return nil, e end
    if not as_seen(there, seen) then break end
    e = refused -- without a reason
  end
  if as_seen(there, seen) then return nil, e end
  if there and there.metadata["csorun-sha256"] == metadata["csorun-sha256"]
    and there.metadata["csorun-fence"] == metadata["csorun-fence"] then
    return describe(there.etag, there.metadata) -- ours: only the answer was lost
  end
  -- Sealed anew, the same bytes look different.
  local ours = covered ~= bytes and there and store:get ""
  if ours and wrap.back(store, ours.body, what(about)) == bytes then return describe(ours.etag, ours.metadata) end
  return nil, err.new { code = "lease_lost", class = "locked",
    message = ("%s was written by another run meanwhile"):format(store.name),
    hint = "nothing of theirs is overwritten" }
end

local function history_tail(about) return (".history/%010d-%08d"):format(about.serial, about.fence) end

local function versioned(store)
  local out = store.client:call("GetBucketVersioning", { Bucket = store.bucket })
  return out ~= nil and out.Status == "Enabled"
end

--- Keeps a snapshot among the earlier ones, and no more of them than KEEP. A bucket that keeps
--- versions does so itself. What fails here costs nothing but an old copy.
---@param store cso.state.Objects
---@param about table   of snapshot.write
---@return boolean? ok, cso.Err?
function snapshot.keep(store, about)
  if versioned(store) then return true end
  local ok, e = store:copy("", history_tail(about))
  if not ok then return nil, e end
  local list
  list, e = store:list ".history/"
  for i = 1, #(list or {}) - snapshot.KEEP do store:delete(list[i].tail) end
  return list and true, e
end

local function kept_versions(store)
  local out, e = store.client:call("ListObjectVersions", { Bucket = store.bucket, Prefix = store.key })
  if not out then return nil, e end
  local list = {}
  for _, v in ipairs(out.Versions or {}) do
    if v.Key == store.key and #list < snapshot.KEEP then
      local head = store.client:call("HeadObject", { Bucket = store.bucket, Key = store.key, VersionId = v.VersionId })
      if head then
        local about = describe(v.ETag, head.Metadata or {})
        about.version = v.VersionId
        list[#list + 1] = about
      end
    end
  end
  return list
end

--- The snapshots that are kept, newest first.
---@param store cso.state.Objects
---@return table[]? list   { serial, lineage, written, by, version = bucket's version, or tail }
---@return cso.Err?
function snapshot.versions(store)
  if versioned(store) then return kept_versions(store) end
  local list, e = store:list ".history/"
  if not list then return nil, e end
  local out = {}
  for i = #list, 1, -1 do
    local head = store:head(list[i].tail)
    if head then
      local about = describe(head.etag, head.metadata)
      about.tail = list[i].tail
      out[#out + 1] = about
    end
  end
  return out
end

--- The bytes of one that is kept.
---@param store cso.state.Objects
---@param about table   from snapshot.versions
---@return string? bytes, cso.Err?
function snapshot.of_version(store, about)
  if about.tail then
    local got, e = snapshot.read(store, about.tail)
    return got and got.bytes, e
  end
  local out, e = store.client:call("GetObject", { Bucket = store.bucket, Key = store.key, VersionId = about.version })
  if not out then return nil, e end
  return wrap.back(store, out.Body, what(about))
end

return snapshot
