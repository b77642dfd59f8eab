--- Where the key comes from that states and plans are sealed with: CSORUN_ENCRYPT, and for what was
--- written before, CSORUN_ENCRYPT_OLD. Each way is a row of `ways`.
local err = require "cso.std.err"
local hash = require "cso.std.hash"
local sealed = require "cso.state.sealed"

local encryption = {}

-- Dear to guess and done once per run: 32 MiB and some tenths of a second. A part of the format: an
-- attacker's header must not say how much memory is used.
local SCRYPT = { N = 32768, r = 8, p = 1 }
local KEY = 32
local CONTEXT = { csorun = "sealed" }
local PATIENCE = 60 -- seconds for a program that gives the key

local function refuse(code, message, hint)
  return nil, err.new { code = code, class = "config", message = message, hint = hint }
end

local function passphrase(ctx, name)
  local text = ctx.environ[name]
  if not text or text == "" then
    return refuse("no_key", ("the passphrase should be in the variable %s, which is not set"):format(name))
  end
  local salt, keys = hash.random(16), {}
  local function key_of(raw)
    keys[raw] = keys[raw] or assert(hash.scrypt(text, raw, SCRYPT.N, SCRYPT.r, SCRYPT.p, KEY))
    return keys[raw]
  end
  return {
    fresh = function() return { way = "passphrase", salt = hash.hex_encode(salt) }, key_of(salt) end,
    find = function(header)
      local raw = header.way == "passphrase" and type(header.salt) == "string" and hash.hex_decode(header.salt)
      return raw and key_of(raw) or nil
    end,
  }
end

-- What KMS says of a key that is there and can't be used now, and what makes it usable again.
local UNUSABLE = {
  DisabledException = "csorun exec kms.EnableKey KeyId=%s",
  KMSInvalidStateException = "where its deletion is scheduled: csorun exec kms.CancelKeyDeletion KeyId=%s, then kms.EnableKey",
}

-- Whose key it is does not stand in what KMS says.
local function of_states(e, arn)
  e.message = "the key of states and plans (CSORUN_ENCRYPT): " .. e.message
  local hint = UNUSABLE[e.code]
  if hint then e.hint = hint:format(arn) .. "; nothing was changed or lost, and without it nobody can read them" end
  return e
end

local function kms(ctx, arn)
  local made, keys = nil, {}
  local function call(operation, params)
    params.EncryptionContext, params.KeyId = CONTEXT, arn
    local client, e = ctx.session:client("kms", { region = arn:match "^arn:[^:]+:kms:([^:]+):" })
    if not client then return nil, e end
    local out, refused = client:call(operation, params)
    if not out then return nil, of_states(refused, arn) end
    return out
  end
  return {
    fresh = function()
      if not made then
        local out, e = call("GenerateDataKey", { KeySpec = "AES_256" })
        if not out then return nil, e end
        made = hash.base64_encode(out.CiphertextBlob)
        keys[made] = out.Plaintext
      end
      return { way = "kms", data = made }, keys[made]
    end,
    -- The key is named in the call, too: a data key of somebody else's KMS key is no key of ours.
    find = function(header)
      local raw = header.way == "kms" and type(header.data) == "string" and hash.base64_decode(header.data)
      if not raw then return nil end
      if not keys[header.data] then
        local out, e = call("Decrypt", { CiphertextBlob = raw })
        if not out and (e.code == "IncorrectKeyException" or e.code == "InvalidCiphertextException") then return nil end
        if not out then return nil, e end
        keys[header.data] = out.Plaintext
      end
      return keys[header.data]
    end,
  }
end

local function printed(program)
  local process, task = require "cso.task.process", require "cso.task"
  local r, e
  local ok, late = task.try(task.timeout, PATIENCE, function()
    r, e = process.run(program, { max = 4096, strict = true })
  end)
  if not ok then
    if late.code ~= "timeout" then error(late, 0) end
    return refuse("no_key", ("%s did not give a key within %d s"):format(program, PATIENCE))
  end
  if not r then return refuse("no_key", ("%s can't be run: %s"):format(program, e.message)) end
  if r.code ~= 0 then return refuse("no_key", ("%s should give the key and ended with %d"):format(program, r.code)) end
  local text = r.out:match "^%s*(.-)%s*$"
  local key = #text == 2 * KEY and hash.hex_decode(text) or hash.base64_decode(text)
  if key and #key == KEY then return key end
  return refuse("no_key", ("%s printed no key: 32 bytes in hex or base64 are wanted"):format(program))
end

local function command(_, program)
  local key, e
  local function get()
    if not key then key, e = printed(program) end
    return key, e
  end
  return {
    fresh = function()
      if not get() then return nil, e end
      return { way = "command" }, key
    end,
    find = function(header)
      if header.way ~= "command" then return nil end
      return get()
    end,
  }
end

local ways = { command = command, kms = kms, passphrase = passphrase }

local function keys_of(ctx, variable)
  local said = ctx.environ[variable]
  if said == nil then return false end
  local way, rest = said:match "^(%a+):(.+)$"
  if ways[way] then return ways[way](ctx, rest) end
  return refuse("bad_setting", ("%s says %q"):format(variable, said),
    "passphrase:NAME_OF_A_VARIABLE, kms:KEY_ARN or command:PATH" .. (variable:match "OLD$" and "; or none" or ""))
end

--- What this command seals and opens with.
---@param ctx cso.cmd.Context
---@return cso.state.Sealer?, cso.Err?
function encryption.of(ctx)
  local had = rawget(ctx, "sealer")
  if had then return had end
  local keys, e = keys_of(ctx, "CSORUN_ENCRYPT")
  if keys == nil then return nil, e end
  local old, none = false, ctx.environ.CSORUN_ENCRYPT_OLD == "none"
  if not none then old, e = keys_of(ctx, "CSORUN_ENCRYPT_OLD") end
  if old == nil then return nil, e end
  local made = sealed.new(keys or nil, old or nil, none)
  rawset(ctx, "sealer", made)
  return made
end

return encryption
