-- AWS's public signing test suite, for both kinds of signature and both places for them.
local json = require "host.json"
local sigv4 = require "host.sigv4"

local function cases(kind)
  local file = assert(io.open("spec/vectors/signing/" .. kind .. ".json"))
  local text = file:read "a"
  file:close()
  return assert(json.decode(text, { name = kind }))
end

local function signed(case, place)
  local given = {}
  for k, v in next, case.given do given[k] = v end
  if place == "query" then given.presign, given.content_sha256 = case.expires, false end
  return assert(sigv4.sign(given))
end

local function value_of(list, name)
  for _, pair in ipairs(list or {}) do
    if pair[1]:lower() == name then return pair[2] end
  end
end

for _, kind in ipairs { "v4", "v4a" } do
  describe("the signing suite, " .. kind, function()
    local list = cases(kind)

    it("is all there", function() assert.is_true(#list >= 35) end)

    for _, case in ipairs(list) do
      for _, place in ipairs { "header", "query" } do
        it(case.name .. " in the " .. place, function()
          local want, got = case[place], signed(case, place)
          assert.equal(want.canonical_request, got.canonical_request)
          assert.equal(want.string_to_sign, got.string_to_sign)
          local given = case.given
          if kind == "v4" then
            assert.equal(want.signature, got.signature)
          else
            -- Asymmetric signatures differ each time: the suite's must hold, and so must ours.
            for _, signature in ipairs { want.signature, got.signature } do
              assert.is_true(sigv4.verify_text(given.access_key, given.secret_key,
                want.string_to_sign, signature))
              assert.is_false(sigv4.verify_text(given.access_key, given.secret_key,
                want.string_to_sign .. " ", signature))
            end
          end
          if given.token then
            local place_of = place == "query" and got.query or got.headers
            assert.truthy(value_of(place_of, "x-amz-security-token"))
          end
        end)
      end
    end
  end)
end

describe("asymmetric keys", function()
  local list = cases "v4a"

  it("are the ones that the suite derives", function()
    for _, case in ipairs(list) do
      local x, y = sigv4.public_key(case.given.access_key, case.given.secret_key)
      assert.same(case.public_key, { x, y })
    end
  end)

  it("belong to both halves of a pair", function()
    local seen = {}
    for _, pair in ipairs { { "A", "B" }, { "B", "A" }, { "A", "A" }, { "AB", "" }, { "", "AB" } } do
      local x = sigv4.public_key(pair[1], pair[2])
      assert.is_nil(seen[x])
      seen[x] = true
    end
  end)

  it("take nothing for a signature that is none", function()
    local case = list[1]
    local good = case.header.signature
    for _, bad in ipairs { "", "00", "zz", good .. "00", good:sub(1, -3), ("30"):rep(80), good:upper() .. "x" } do
      assert.is_false(sigv4.verify_text(case.given.access_key, case.given.secret_key,
        case.header.string_to_sign, bad))
    end
  end)

  it("are kept apart when there are many", function()
    local case = list[1]
    for round = 1, 2 do
      for i = 1, 9 do
        local text = "text " .. i
        local signature = sigv4.sign_text { access_key = "A" .. i, secret_key = "S", region_set = "*",
          service = "s3", time = 0, text = text }
        assert.is_true(sigv4.verify_text("A" .. i, "S", text, signature), "round " .. round)
        assert.is_false(sigv4.verify_text(case.given.access_key, "S", text, signature))
      end
    end
  end)
end)
