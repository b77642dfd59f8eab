--- csorun audit [PATH…]: whether a secret that is known here stands in what csorun wrote.
local choices = require "cso.cmd.choices"

local TELLING = { "SECRET", "PASSWORD", "PASSPHRASE", "TOKEN" }

local function of_environment(ctx, add)
  for name, v in pairs(ctx.environ) do
    local upper = name:upper()
    for _, word in ipairs(TELLING) do
      -- A variable that names a file holds no secret.
      if upper:find(word, 1, true) and not upper:match "_FILE$" and not upper:match "_PATH$" then
        add("the variable " .. name, v)
      end
    end
  end
end

local function of_session(ctx, add)
  local ok, keys, e = pcall(function()
    local provider, why = ctx.session:credentials()
    if not provider then return nil, why end
    return provider:get()
  end)
  if not ok or not keys then
    local why = not ok and keys or e
    return nil, "the session's credentials: " .. (type(why) == "table" and why.message or tostring(why or "none"))
  end
  local secret, token = keys.reveal()
  add("the session's secret key", secret)
  add("the session's token", token)
  return true
end

-- Every secret with a known value in a program, whatever it stands in.
local function of_program(program, add)
  local value = require "cso.std.value"
  local seen = {}
  local function look(v, name)
    if type(v) ~= "table" or seen[v] then return end
    seen[v] = true
    if value.is_secret(v) then
      local ok, text = pcall(value.reveal, v)
      if ok then add("a secret of the playbook (" .. name .. ")", text) end
    elseif not (value.is_ref(v) or value.is_unknown(v)) then
      for k, item in next, v do look(item, type(k) == "string" and k or name) end
    end
  end
  look(program, "?")
end

-- What keepers hold, whole and by member.
local function of_keepers(ctx, store, stack, add)
  local calls, handle = require "cso.kind.calls", require "cso.kind.handle"
  local json, kinds = require "cso.std.json", require "cso.kind"
  local notes = {}
  for _, record in ipairs(store:resources()) do
    local K = kinds.native(record.type)
    if K and K.spec.keeps and K.spec.fetch then
      local ok, text = pcall(K.spec.fetch, handle.new { kind = K, address = record.address, type = K.type, id = record.id,
        record = record, target = record.target or {}, desired = record.declared, attributes = record.attributes,
        stack = stack, own = {}, invoke = calls.plain(ctx.session), sleep = ctx.sleep, now = ctx.now, session = ctx.session })
      if ok then
        add(record.address, text)
        local tree = type(text) == "string" and text:match "^%s*{" and json.decode(text)
        for k, v in pairs(type(tree) == "table" and tree or {}) do add(record.address .. "." .. k, v) end
      else
        notes[#notes + 1] = record.address .. ": " .. (type(text) == "table" and text.message or tostring(text))
      end
    end
  end
  return notes
end

-- What csorun wrote: the folder of states and, beside the playbooks, plans, states and traces.
local function usual(ctx, files)
  local fs, search = require "cso.std.fs", require "cso.cmd.audit_search"
  -- The simulated account is no trace of one: it holds secrets as AWS does.
  local skip = {}
  for _, tail in ipairs { "", "-wal", "-shm" } do skip[ctx.dir .. "/sim.db" .. tail] = true end
  search.walk(ctx.dir, files, skip)
  for _, name in ipairs(fs.list "." or {}) do
    if name:match "%.json$" or name:match "%.db" or name:match "%.changes$" or name:match "%.log$" or name:match "%.trace$" then
      search.walk(name, files, skip)
    end
  end
end

local function tell(ctx, found, unread, notes, counts)
  if ctx.opts.json then
    local json = require "cso.std.json"
    local function line(object) ctx.out(json.encode(object, { sort = true }) .. "\n") end
    for _, one in ipairs(found) do
      line { type = "finding", path = one.path, whose = one.whose, form = one.form, where = one.where }
    end
    for _, one in ipairs(unread) do line { type = "unread", path = one.path, why = one.why } end
    for _, text in ipairs(notes) do line { type = "note", text = text } end
    line { type = "audit", files = counts.files, secrets = counts.secrets, findings = #found }
    return
  end
  local clean = require("cso.ui.term").clean
  for _, one in ipairs(found) do
    local where = one.where and (" (%s)"):format(one.where) or ""
    ctx.out(("%s: holds %s %s%s\n"):format(clean(one.path), clean(one.whose), one.form, where))
  end
  for _, one in ipairs(unread) do ctx.note(("%s: %s\n"):format(clean(one.path), clean(one.why))) end
  for _, text in ipairs(notes) do ctx.note("not looked for: " .. clean(text) .. "\n") end
  ctx.out(("%d files, %d known secrets: %s\n"):format(counts.files, counts.secrets,
    #found == 0 and "none found" or #found .. " found"))
end

return {
  name = "audit",
  help = "Look for known secrets in states, backups, plans and traces",
  args = { { name = "PATH", optional = true, many = true, complete = "file" } },
  options = { choices.stack, choices.playbook,
    { long = "fetch", help = "look for what the stack's keepers in the account hold, too" } },
  waits = true,
  run = function(opts, args, ctx)
    local err, exit = require "cso.std.err", require "cso.cmd.exit"
    local search, stack = require "cso.cmd.audit_search", require "cso.cmd.stack"
    local secrets, notes, files = {}, {}, {}
    local function add(name, v)
      if type(v) == "string" and #v >= search.SHORTEST then
        secrets[#secrets + 1] = { name = name, value = v }
      elseif type(v) == "string" and v ~= "" then
        notes[#notes + 1] = name .. ": too short to be told from other words"
      end
    end
    of_environment(ctx, add)
    local _, no = of_session(ctx, add)
    notes[#notes + 1] = no
    local place
    if opts.playbook or opts.fetch or opts.stack then
      local name, program = stack.name(ctx, opts.playbook, opts.stack)
      if not name then return nil, program end
      if opts.playbook then of_program(program, add) end
      place = stack.path(ctx, name)
      if opts.fetch then
        local store, e = stack.open(ctx, name, {})
        if not store then return nil, e end
        for _, text in ipairs(of_keepers(ctx, store, name, add)) do notes[#notes + 1] = text end
      end
    end
    if #secrets == 0 then
      return nil, err.new { code = "nothing_known", class = "usage",
        message = "no secret is known here, so none can be looked for",
        hint = "--playbook FILE, --fetch, credentials, or variables named …SECRET…, …PASSWORD…, …TOKEN…" }
    end
    for _, path in ipairs(args) do
      if not require("cso.std.fs").stat(path) then
        return nil, err.new { code = "no_file", class = "usage", message = "there is no " .. path }
      end
      search.walk(path:match "^(.-)/*$" ~= "" and path:match "^(.-)/*$" or path, files, {})
    end
    if #args == 0 then usual(ctx, files) end
    table.sort(secrets, function(a, b) return a.name < b.name end)
    table.sort(notes)
    local sealer, e = require("cso.cmd.encryption").of(ctx)
    if not sealer then return nil, e end
    local found, unread = search.run(files, search.needles(secrets), sealer)
    local count = #files
    if place and #args == 0 and require("cso.cmd.shared").is_one(place) then
      local more, n = require "cso.cmd.audit_shared"(ctx, place, search.needles(secrets))
      if not more then return nil, n end
      table.move(more, 1, #more, #found + 1, found)
      count = count + n
    end
    tell(ctx, found, unread, notes, { files = count, secrets = #secrets })
    return #found > 0 and exit.codes.policy or exit.codes.ok
  end,
}
