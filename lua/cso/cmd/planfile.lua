--- A plan that was written down, to be read by people and carried out later as it stands. It says
--- what it was made from; when any of that is no longer so, it is stale and nothing is done.
local account = require "cso.cmd.account"
local deep = require "cso.std.deep"
local encryption = require "cso.cmd.encryption"
local err = require "cso.std.err"
local fs = require "cso.std.fs"
local hash = require "cso.std.hash"
local json = require "cso.std.json"
local origin = require "cso.cmd.plan_origin"
local plainly = require "cso.ui.plainly"
local signature = require "cso.cmd.signature"

local planfile = {}

local FORMAT = 1
local SEALED_AS = "plan"
local OWNER_ONLY = 384 -- 0600: it tells what is in an account

local function refuse(code, message, hint, problems)
  return nil, err.new { code = code, class = "config", message = message, hint = hint, problems = problems }
end

local function canonical(v)
  return json.encode(plainly(v), { sort = true })
end

local function hash_of_catalogue()
  local path = require("cso.std.catalogue").path()
  local about = path and fs.stat(path)
  local sum = about and hash.file_sum("sha256", path, 0, about.size)
  return sum and hash.hex_encode(sum) or "none"
end

local function environment_digests(environment, salt)
  local out = {}
  for key, v in pairs(environment or {}) do
    out[tostring(key)] = origin.digest(canonical { v }, salt .. key)
  end
  return out
end

--- A store that was never written to is the same as none: applying makes the state anew.
local function state_of(store)
  if store.path == ":memory:" or store.serial == 0 then return json.null end
  return { lineage = store.lineage, serial = store.serial }
end

local function side(c, v)
  if v ~= nil and c.sensitive then return "(sensitive)" end
  return v
end

local function change_of(c)
  return {
    path = c.path, unknown = c.unknown or nil, sensitive = c.sensitive or nil, gone = c.gone or nil,
    replaces = c.replaces or nil,
    before = side(c, c.before), after = side(c, c.after),
  }
end

local function changes_of(list)
  local out = {}
  for i, c in ipairs(list or {}) do out[i] = change_of(c) end
  return json.array(out)
end

--- The actions of a plan as they are written and compared. What stays as it is, is left out.
local function actions_of(made)
  local out = {}
  for _, a in ipairs(made.actions) do
    if a.action ~= "noop" then
      out[#out + 1] = plainly {
        address = a.address, action = a.action, type = a.type, replace_order = a.replace_order,
        reasons = json.array(deep.copy(a.reasons or {})), changes = changes_of(a.changes),
      }
    end
  end
  return json.array(out)
end

local function moves_of(made)
  local out = {}
  for i, one in ipairs(made.moves or {}) do out[i] = { from = one.from, to = one.to } end
  return json.array(out)
end

local function names_of(sets)
  local names = {}
  for i, assignment in ipairs(sets or {}) do names[i] = assignment:match("^([^=]*)") end
  return json.array(names)
end

local function text_without(document, ...)
  local copy = {}
  for k, v in pairs(document) do copy[k] = v end
  for _, name in ipairs { ... } do copy[name] = nil end
  return canonical(copy)
end

local function seal(document)
  return hash.sha256_hex(text_without(document, "digest", "signature"))
end

--- Writes the plan of a job to a file.
---@param ctx cso.cmd.Context
---@param job table   from work.plan, with program, store and plan
---@param path string
---@param key string?   PEM of the private key that signs it
---@return true? ok, cso.Err? err
function planfile.write(ctx, job, path, key)
  local opts, made, salt = ctx.opts, job.plan, hash.hex_encode(hash.random(16))
  local document = plainly {
    csorun = require("cso.std.proc").version, format = FORMAT, made = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    by = ctx:who(), playbook = job.file, stack = job.name, simulated = account.is_simulated(opts) or false,
    region = ctx.session:region(),
    options = {
      destroy = job.destroy or false, refresh = opts.refresh ~= false, env = opts.env,
      target = json.array(deep.copy(opts.target or {})), exclude = json.array(deep.copy(opts.exclude or {})),
      replace = json.array(deep.copy(opts.replace or {})),
      overlay = json.array(deep.copy(opts.overlay or {})), set = names_of(opts.set),
    },
    hashes = {
      files = job.program.files or {}, salt = salt, catalogue = hash_of_catalogue(),
      environment = environment_digests(job.program.environment, salt), secrets = origin.secrets(made, salt),
    },
    accounts = origin.accounts(made, ctx.session),
    state = state_of(job.store), counts = made.counts,
    outputs = changes_of(made.output_changes),
  }
  document.actions, document.moves = actions_of(made), moves_of(made)
  document.digest = seal(document)
  local ok, e
  if key then
    document.signature, e = signature.make(key, text_without(document, "signature"))
    if not document.signature then return nil, e end
  end
  local sealer, text
  sealer, e = encryption.of(ctx)
  if not sealer then return nil, e end
  text, e = sealer:out(json.encode(document, { indent = 2, sort = true }) .. "\n", SEALED_AS)
  if not text then return nil, e end
  ok, e = fs.write_atomic(path, text, OWNER_ONLY)
  if not ok then
    return refuse("io", ("the plan can't be written to %s: %s"):format(path, e.message))
  end
  return true
end

--- The words behind `csorun apply` that a saved plan needs, values of --set left out: it keeps none.
---@param ctx cso.cmd.Context
---@param path string
---@return string
function planfile.words(ctx, path)
  local words = { account.is_simulated(ctx.opts) and "--sim " .. path or path }
  for _, pair in ipairs(ctx.opts.set or {}) do
    words[#words + 1] = ("--set %s=…"):format(pair:match("^[^=]*"))
  end
  return table.concat(words, " ")
end

--- Reads a saved plan and sets the options of the command line to those it was made with.
---@param ctx cso.cmd.Context
---@param path string
---@return table? saved, cso.Err? err
function planfile.read(ctx, path)
  local text, e = fs.read(path)
  if not text then return refuse("no_file", ("can't read the plan %s: %s"):format(path, e.message)) end
  local sealer
  sealer, e = encryption.of(ctx)
  if not sealer then return nil, e end
  text, e = sealer:back(text, SEALED_AS, path)
  if not text then return nil, e end
  local saved = json.decode(text, { name = path })
  if type(saved) ~= "table" or type(saved.options) ~= "table" or type(saved.hashes) ~= "table"
    or type(saved.actions) ~= "table" then
    return refuse("not_a_plan", path .. " is no plan of csorun", "make one: csorun plan PLAYBOOK --out " .. path)
  end
  if saved.format ~= FORMAT then
    return refuse("plan_format", ("%s has format %s; this csorun knows %d"):format(path, tostring(saved.format), FORMAT),
      "plan again with this csorun")
  end
  if saved.digest ~= seal(saved) then
    return refuse("altered_plan", path .. " was altered after it was written", "plan again")
  end
  local signed
  signed, e = signature.check(ctx, saved.signature, text_without(saved, "signature"), path)
  if not signed then return nil, e end
  local opts, told = ctx.opts, saved.options
  if (account.is_simulated(opts) or false) ~= saved.simulated then
    return refuse("other_account", ("%s was made for %s account"):format(path,
      saved.simulated and "the simulated" or "a real"), saved.simulated and "add --sim" or "leave out --sim")
  end
  if #told.set ~= #(opts.set or {}) then
    return refuse("other_options", ("%s was made with %s"):format(path, #told.set > 0
      and "--set " .. table.concat(told.set, " --set ") or "no --set"),
      "values may be secrets, so a plan does not keep them: give the same --set again")
  end
  for _, name in ipairs { "env", "overlay", "target", "exclude", "replace" } do
    local given = opts[name]
    if given and #given > 0 and canonical { given } ~= canonical { told[name] } then
      local had = told[name] and #told[name] > 0
      return refuse("other_options", ("%s was made with %s --%s"):format(path, had and "another" or "no", name),
        "what is done stands in the plan: leave the option out, or plan again with it")
    end
  end
  if opts.refresh == false and told.refresh then
    return refuse("other_options", path .. " was made by reading what is there, and is compared with that",
      "leave out --refresh=false")
  end
  opts.env, opts.overlay = told.env, told.overlay
  opts.target, opts.exclude, opts.replace, opts.refresh = told.target, told.exclude, told.replace, told.refresh
  saved.path = path
  return saved
end

local function compare_maps(what, before, after, problems)
  local names = {}
  for name in pairs(before) do names[name] = true end
  for name in pairs(after) do names[name] = true end
  for _, name in ipairs(deep.keys(names)) do
    local verb = before[name] == nil and "is new" or after[name] == nil and "is gone"
      or before[name] ~= after[name] and "changed"
    if verb then problems[#problems + 1] = ("%s %s %s"):format(what, name, verb) end
  end
end

local function stale(saved, problems)
  if #problems == 0 then return true end
  return refuse("stale_plan", ("the plan %s no longer holds: %s"):format(saved.path, problems[1]),
    "nothing was changed; plan again", #problems > 1 and problems or nil)
end

local function state_problem(before, store)
  local now = state_of(store)
  local had, has = before ~= json.null, now ~= json.null
  if not had and not has then return nil end
  if had and not has then return "the stack's state is gone" end
  if not had then return "the stack has a state now, and had none" end
  if now.lineage ~= before.lineage then return "the state is another one than the plan was made from" end
  if now.serial ~= before.serial then
    return ("the stack was changed since: its state was at serial %d and is at %d"):format(before.serial, now.serial)
  end
end

--- Checks, before any call is made, that a plan was made from what is there now.
---@param ctx cso.cmd.Context
---@param saved table
---@param job table   program, store, name
---@return true? ok, cso.Err? err
function planfile.check_sources(ctx, saved, job)
  local problems, hashes = {}, saved.hashes
  if job.name ~= saved.stack then
    problems[1] = ("the stack is %s and was %s"):format(job.name, saved.stack)
  end
  if ctx.session:region() ~= saved.region then
    problems[#problems + 1] = ("the region is %s and was %s"):format(
      tostring(ctx.session:region()), tostring(saved.region))
  end
  compare_maps("file", hashes.files, job.program.files or {}, problems)
  compare_maps("environment", hashes.environment, environment_digests(job.program.environment, hashes.salt), problems)
  if hashes.catalogue ~= hash_of_catalogue() then problems[#problems + 1] = "the catalogue of AWS's types changed" end
  problems[#problems + 1] = state_problem(saved.state, job.store)
  return stale(saved, problems)
end

local function by_address(actions)
  local out = {}
  for _, a in ipairs(actions) do out[a.address] = a end
  return out
end

--- Checks that a plan made now would do exactly what the saved one says.
---@param ctx cso.cmd.Context
---@param saved table
---@param made table
---@return true? ok, cso.Err? err
function planfile.check_actions(ctx, saved, made)
  local before, after, problems = by_address(saved.actions), by_address(actions_of(made)), {}
  for target, now in deep.sorted_pairs(origin.accounts(made, ctx.session)) do
    local was = (saved.accounts or {})[target]
    if was and was ~= now then
      problems[#problems + 1] = ("the account of %s is %s and was %s"):format(
        target == "main" and "these keys" or target, now, was)
    end
  end
  local names = {}
  for address in pairs(before) do names[address] = true end
  for address in pairs(after) do names[address] = true end
  for _, address in ipairs(deep.keys(names)) do
    local a, b = before[address], after[address]
    local was, is = a and a.action or "noop", b and b.action or "noop"
    if was ~= is then
      problems[#problems + 1] = ("%s: %s was planned, now it would be %s"):format(address, was, is)
    elseif canonical(a) ~= canonical(b) then
      problems[#problems + 1] = ("%s: %s would change other things than planned"):format(address, was)
    end
  end
  for property, digest in deep.sorted_pairs(origin.secrets(made, saved.hashes.salt)) do
    local was = (saved.hashes.secrets or {})[property]
    if was and was ~= digest then problems[#problems + 1] = ("the secret %s is another one"):format(property) end
  end
  if canonical(saved.outputs) ~= canonical(changes_of(made.output_changes)) then
    problems[#problems + 1] = "outputs would change otherwise than planned"
  end
  if canonical(saved.moves) ~= canonical(moves_of(made)) then
    problems[#problems + 1] = "other addresses would be moved than planned"
  end
  return stale(saved, problems)
end

return planfile
