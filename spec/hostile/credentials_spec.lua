--- Those who hand out keys may be anybody: each bad answer ends as one error of class credentials, and no
--- request is made with what it said.
local behaviours = require "spec.support.behaviours"
local deep = require "cso.std.deep"
local json = require "cso.std.json"
local raw = require "spec.support.raw_server"
local task = require "cso.task"
local watched = require "spec.support.watched"

local GOOD = { AccessKeyId = "AKIDFROMHOSTILE00000", SecretAccessKey = "secret", Token = "token",
  Expiration = "2099-01-01T00:00:00Z", Version = 1 }

-- Answers with keys of which one thing is wrong.
local function bad_answers()
  local out = {}
  local function with(name, changes)
    local answer = {}
    for k, v in pairs(GOOD) do answer[k] = v end
    for k, v in pairs(changes) do answer[k] = v end
    out[name] = json.encode(answer)
  end
  with("a line end in the key", { AccessKeyId = "AKID\r\nX-Injected: yes" })
  with("a line end in the token", { Token = "t\r\nX-Injected: yes", SessionToken = "t\r\nX-Injected: yes" })
  with("a zero byte in the secret", { SecretAccessKey = "a\0b" })
  with("a list for a key", { AccessKeyId = json.array { "AKID" } })
  with("a number for a secret", { SecretAccessKey = 5 })
  with("an object for a code", { Code = { a = 1 } })
  out["no keys"] = "{}"
  out["a list"] = "[]"
  out["a string"] = '"keys"'
  out["false"] = "false"
  out["null"] = "null"
  out["depth"] = ("["):rep(50000)
  out["garbage"] = ("\1\2\255"):rep(100)
  out["nothing"] = ""
  out["a megabyte"] = '{"AccessKeyId":"' .. ("A"):rep(1024 * 1024) .. '","SecretAccessKey":"s"}'
  return out
end

-- Runs a call whose keys come from elsewhere; the service it is for notes whether it is called.
local function call(env, files, hand_out)
  local outcome, service
  local _, e = task.run(function()
    service = raw.listen(function(c) c:request() end)
    local changes = { AWS_ACCESS_KEY_ID = false, AWS_SECRET_ACCESS_KEY = false, AWS_SESSION_TOKEN = false,
      AWS_ENDPOINT_URL_EC2 = service.url, AWS_MAX_ATTEMPTS = "1" }
    local keys = hand_out and raw.listen(hand_out)
    for k, v in pairs(env(keys and keys.url)) do changes[k] = v end
    local made = {}
    for variable, text in pairs(files or {}) do
      made[#made + 1] = os.tmpname()
      local file = assert(io.open(made[#made], "wb"))
      file:write(text)
      file:close()
      changes[variable] = made[#made]
    end
    outcome = watched.run({ "exec", "ec2.DescribeVpcs" }, { env = changes })
    for _, path in ipairs(made) do os.remove(path) end
    service.close()
    if keys then keys.close() end
  end)
  assert.is_nil(e)
  return outcome, service
end

local function refused(outcome, service, what)
  assert.is_true(outcome.ended, what)
  assert.equal(0, outcome.signal, what)
  assert.equal(4, outcome.code, what .. ": " .. outcome.err)
  assert.is_nil(outcome.err:find("internal", 1, true), outcome.err)
  assert.equal(1, select(2, outcome.err:gsub("error: ", "")), outcome.err)
  assert.equal(0, service.connections, what .. ": a request was made")
  assert.is_true(outcome.peak < 128, what)
end

local function answering(body)
  return function(c)
    if c:request() then c:answer(200, "content-type: application/json\r\n", body) end
  end
end

local function container(url) return { AWS_CONTAINER_CREDENTIALS_FULL_URI = url .. "/keys" } end

local function metadata(url)
  return { AWS_EC2_METADATA_DISABLED = false, AWS_EC2_METADATA_SERVICE_ENDPOINT = url,
    AWS_METADATA_SERVICE_TIMEOUT = "2" }
end

-- The metadata service with one of its three answers replaced.
local function metadata_with(which, body)
  return function(c)
    local head = c:request()
    if not head then return end
    local part = head:find("^PUT") and "token" or head:find("credentials/ ", 1, true) and "role" or "keys"
    local usual = { token = "TOKEN", role = "a-role", keys = json.encode(GOOD) }
    c:answer(200, "", part == which and body or usual[part])
  end
end

describe("keys from a container's endpoint", function()
  for name, body in deep.sorted_pairs(bad_answers()) do
    it("are refused with " .. name, function()
      local outcome, service = call(container, nil, answering(body))
      refused(outcome, service, name)
    end)
  end

  it("are refused from servers that misbehave", function()
    for _, name in ipairs { "garbage", "a nul in a header", "no end of interim answers" } do
      local outcome, service = call(container, nil, behaviours.broken[name])
      refused(outcome, service, name)
    end
    local outcome, service = call(container, nil, behaviours.large["a giant body"])
    refused(outcome, service, "a giant body")
  end)
end)

describe("keys from the instance's metadata", function()
  for name, body in deep.sorted_pairs(bad_answers()) do
    it("are refused with " .. name, function()
      local outcome, service = call(metadata, nil, metadata_with("keys", body))
      refused(outcome, service, name)
    end)
  end

  it("are refused after a token or a role that is none", function()
    for _, case in ipairs { { "token", "a\r\nX-Injected: yes" }, { "token", ("t"):rep(200000) }, { "token", "" },
      { "role", "../../../latest/user-data" }, { "role", "a role" }, { "role", "a?b" }, { "role", ".." } } do
      local outcome, service = call(metadata, nil, metadata_with(case[1], case[2]))
      refused(outcome, service, case[1] .. " " .. case[2]:sub(1, 30))
    end
  end)
end)

describe("keys from a program", function()
  local function printed(command)
    return { AWS_CONFIG_FILE = "[default]\nregion = eu-west-2\ncredential_process = " .. command .. "\n" }
  end
  local function nothing() return {} end

  it("are refused when it prints anything else", function()
    for name, command in deep.sorted_pairs { ["garbage"] = "head -c 3000 /dev/urandom", ["no end"] = "cat /dev/zero",
      ["nothing"] = "true", ["a failure"] = "false", ["no program"] = "/no/such/program",
      ["an open quote"] = "echo 'a", ["another version"] = 'echo {"Version":2}' } do
      local outcome, service = call(nothing, printed(command))
      refused(outcome, service, name)
    end
  end)

  for name, body in deep.sorted_pairs(bad_answers()) do
    if #body < 10000 and not body:find("%c") and not body:find('"Code"', 1, true) then
      it("are refused with " .. name, function()
        local outcome, service = call(nothing, printed("printf %s '" .. body .. "'"))
        refused(outcome, service, name)
      end)
    end
  end
end)

describe("keys of an assumed role", function()
  local FILE = "[default]\nregion = eu-west-2\nrole_arn = arn:aws:iam::123456789012:role/r\n"
    .. "source_profile = base\n[profile base]\naws_access_key_id = AKID\naws_secret_access_key = secret\n"
  local function sts(url) return { AWS_ENDPOINT_URL_STS = url } end
  local function credentials(inner)
    return "<AssumeRoleResponse><AssumeRoleResult>" .. inner .. "</AssumeRoleResult></AssumeRoleResponse>"
  end

  it("are refused when they are none", function()
    for name, body in deep.sorted_pairs {
      ["no credentials"] = credentials "", ["empty ones"] = credentials "<Credentials/>",
      ["a line end"] = credentials "<Credentials><AccessKeyId>A&#13;&#10;X: y</AccessKeyId>"
        .. "<SecretAccessKey>s</SecretAccessKey></Credentials>",
      ["another document"] = "<html/>", ["laughs"] = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
      ["garbage"] = "\1\2\3",
    } do
      local outcome, service = call(sts, { AWS_CONFIG_FILE = FILE }, answering(body))
      refused(outcome, service, name)
    end
  end)
end)
