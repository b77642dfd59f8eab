-- Two accounts that hold the same have to look the same, whatever ids chance gave them: a pattern that one id in
-- fifty escapes makes one comparison in fifty fail.
local ids = require "sim.ids"
local inventory = require "spec.scenario.inventory"

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
local CAPITALS = LETTERS:upper():sub(1, 26) .. "0123456789"

-- What services make up, in the forms of the simulator.
local FORMS = {
  uuid = function(made) return made:uuid() end,
  ec2 = function(made) return made:ec2 "vpc" end,
  iam = function(made) return made:iam "AROA" end,
  key = function(made) return made:hex(64) end,
  ["domain version"] = function(made) return made:hex(14) end,
  ["plan version"] = function(made) return made:text(31, LETTERS) end,
  ["object version"] = function(made) return made:text(31) .. "A" end,
  client = function(made) return made:text(26) end,
  secret = function(made) return "arn:aws:secretsmanager:eu-west-2:1:secret:team/db-" .. made:text(6) end,
  zone = function(made) return "Z0" .. made:text(19, CAPITALS) end,
  ["zone in a path"] = function(made) return "/hostedzone/Z0" .. made:text(19, CAPITALS) end,
  database = function(made) return "db-" .. made:text(26):upper() end,
  endpoint = function(made) return ("db.c%s.eu-west-2.rds.amazonaws.com"):format(made:hex(11)) end,
  target = function(made) return "arn:aws:elasticloadbalancing:eu-west-2:1:targetgroup/web/" .. made:hex(16) end,
  ["policy in a text"] = function(made) return ('{"Id": "%s"}'):format(made:iam "ANPA") end,
}

describe("an inventory", function()
  for name, form in pairs(FORMS) do
    it("shows no chance in the id of a " .. name, function()
      local made, first = ids.new "inventory", nil
      for _ = 1, 1000 do
        local id = form(made)
        local seen = inventory.plain(id, {})
        first = first or seen
        assert.equal(first, seen, id)
      end
    end)
  end

  it("shows what people have named", function()
    for _, text in ipairs { "AmazonSSM", "prod-ha-frontend", "10.0.0.0/16", "arn:aws:sqs:eu-west-2:1:jobs", "eu-west-2a" } do
      assert.equal(text, inventory.plain(text, {}))
    end
  end)
end)
