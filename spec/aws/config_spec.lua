local config = require "cso.aws.config"

local function load(files, env, opts)
  env = env or {}
  env.HOME = "/home/u"
  opts = opts or {}
  opts.env, opts.read = env, function(path) return files[path] end
  return config.load(opts)
end

local CONFIG, CREDENTIALS = "/home/u/.aws/config", "/home/u/.aws/credentials"

describe("shared configuration", function()
  it("merges both files, the credentials file winning", function()
    local c = assert(load {
      [CONFIG] = "[default]\nregion = eu-west-2 ; here\naws_access_key_id=old\n[profile dev]\nREGION=us-east-1#no comment\n",
      [CREDENTIALS] = "[default]\naws_access_key_id = new\n",
    })
    assert.equal("eu-west-2", c:region())
    assert.equal("new", c:profile().aws_access_key_id)
    assert.equal("us-east-1#no comment", c:profile("dev").region)
  end)

  it("prefers [profile default] to [default] and ignores strange names", function()
    local c = assert(load { [CONFIG] = "[profile default]\na=1\n[default]\nb=2\n[dev]\nc=3\n[profile ü]\nd=4\n" })
    assert.equal("1", c:profile().a)
    assert.is_nil(c:profile().b)
    assert.is_nil(c:profile("dev"))
  end)

  it("reads nested blocks and continued values", function()
    local c = assert(load { [CONFIG] = "[default]\ns3 =\n  addressing_style = path\nlong = one\n  two\nempty =\n" })
    assert.equal("path", c:nested("s3", "addressing_style"))
    assert.equal("one\ntwo", c:profile().long)
    assert.equal("", c:profile().empty)
  end)

  it("takes names in quotes, and then with blanks", function()
    local c = assert(load { [CONFIG] = "[profile \"my own\"]\nregion = a\n[profile 'b']\nregion = b\n" })
    assert.same({ "a", "b" }, { c:profile("my own").region, c:profile("b").region })
  end)

  it("says that a file is there and can't be read", function()
    local c, e = config.load { env = { HOME = "/home/u" }, read = function(path)
      return nil, { code = path == CONFIG and "enoent" or "eacces", message = "cannot open " .. path .. ": Permission denied" }
    end }
    assert.is_nil(c)
    assert.equal("config", e.class)
    assert.equal(CREDENTIALS .. " cannot be read: Permission denied", e.message)
    c, e = config.load { env = { HOME = "/home/u", AWS_CONFIG_FILE = "/" } }
    assert.is_nil(c)
    assert.matches("^/ cannot be read: ", e.message)
  end)

  it("reads a file that begins as some editors begin UTF-8", function()
    assert.equal("a", assert(load { [CONFIG] = "\xef\xbb\xbf[default]\nregion = a\n" }):region())
  end)

  it("says where a file is malformed", function()
    local c, e = load { [CONFIG] = "[default]\nregion = a\nnonsense\n" }
    assert.is_nil(c)
    assert.equal("config", e.class)
    assert.equal(CONFIG .. ":3", e.where)
    assert.is_nil((load { [CONFIG] = "key = value\n" }))
    assert.is_nil((load { [CONFIG] = "[default\n" }))
  end)

  it("finds the region in the documented order and says when there is none", function()
    local files = { [CONFIG] = "[default]\nregion = from-file\n" }
    assert.equal("a", load(files, { AWS_REGION = "a", AWS_DEFAULT_REGION = "b" }):region())
    assert.equal("b", load(files, { AWS_REGION = "", AWS_DEFAULT_REGION = "b" }):region())
    assert.equal("x", load(files, { AWS_REGION = "a" }, { region = "x" }):region())
    local region, e = load({}):region()
    assert.is_nil(region)
    assert.equal("config", e.class)
    assert.matches("AWS_REGION", e.hint)
  end)

  it("refuses a profile that is not there", function()
    local c, e = load({ [CONFIG] = "[profile production]\n" }, { AWS_PROFILE = "prodution" })
    assert.is_nil(c)
    assert.matches("production", e.hint)
  end)

  it("resolves service endpoints", function()
    local files = { [CONFIG] = [[
[default]
services = local
endpoint_url = http://all
[services local]
s3 =
  endpoint_url = http://s3
]] }
    assert.equal("http://s3", load(files):endpoint_url("S3"))
    assert.equal("http://all", load(files):endpoint_url("EC2"))
    assert.equal("http://e", load(files, { AWS_ENDPOINT_URL = "http://e" }):endpoint_url("S3"))
    assert.equal("http://c", load(files, { AWS_ENDPOINT_URL = "http://e",
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER = "http://c" }):endpoint_url("Cognito Identity Provider"))
    assert.is_nil(load(files, { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "true" }):endpoint_url("S3"))
    local url, e = load({ [CONFIG] = "[default]\nservices = gone\n" }):endpoint_url("S3")
    assert.is_nil(url)
    assert.matches("gone", e.message)
  end)
end)

describe("settings of a client", function()
  local settings_of = require "cso.aws.settings"

  local function of(env, text, opts)
    env.HOME = "/h"
    local loaded = assert(config.load { env = env, read = function(path)
      if path == "/h/.aws/config" then return text end
    end })
    return settings_of(loaded, opts or { region = "us-east-1" })
  end

  it("take FIPS out of the names of old regions", function()
    for _, region in ipairs { "fips-us-gov-west-1", "us-gov-west-1-fips" } do
      local s = assert(of({}, nil, { region = region }))
      assert.same({ "us-gov-west-1", true }, { s.region, s.fips })
    end
  end)

  it("take S3's old endpoint in us-east-1 only when asked to", function()
    assert.is_false(of({}).s3_global)
    assert.is_true(of({ AWS_S3_US_EAST_1_REGIONAL_ENDPOINT = "legacy" }).s3_global)
    assert.is_true(of({}, "[default]\ns3 =\n  us_east_1_regional_endpoint = legacy\n").s3_global)
  end)

  it("refuse words that they do not know", function()
    local _, e = of { AWS_USE_FIPS_ENDPOINT = "maybe" }
    assert.same({ "InvalidSetting", "config" }, { e.code, e.class })
    assert.matches("AWS_USE_FIPS_ENDPOINT %(use_fips_endpoint%) must be true or false, is maybe", e.message)
    _, e = of({}, "[default]\naccount_id_endpoint_mode = sometimes\n")
    assert.matches("preferred, required or disabled", e.message)
    assert.equal("required", of({ AWS_ACCOUNT_ID_ENDPOINT_MODE = "Required" }).account_id_mode)
  end)
end)
