--- cso.moved and cso.forget: what a playbook says about what it declared earlier.
local evaluation = require("cso.playbook.evaluation")
local where = require("cso.std.where")

local lifecycle = {}

local function address_in(e, v, what)
  if type(v) ~= "string" or v == "" then
    evaluation.fail("address", what .. " must be an address, such as \"EC2.VPC.main\"", { where = where.here(2) })
  end
  return evaluation.standpoint(e).module .. v
end

--- cso.moved { from, to }: what was remembered under one address is under another now. Both end with a slash
--- where they are modules: all in the one is in the other.
---@param given { from: string, to: string }
function lifecycle.moved(given)
  local e = evaluation.declaring("cso.moved")
  if type(given) ~= "table" then
    evaluation.fail("moved", "cso.moved needs a table: cso.moved { from = \"…\", to = \"…\" }")
  end
  for key in pairs(given) do
    if key ~= "from" and key ~= "to" then
      evaluation.fail("moved", ("cso.moved has no field %s"):format(tostring(key)), { hint = "it takes from and to" })
    end
  end
  local from = address_in(e, given.from, "from of cso.moved")
  local to = address_in(e, given.to, "to of cso.moved")
  if (from:sub(-1) == "/") ~= (to:sub(-1) == "/") then
    evaluation.fail("moved", ("%s and %s are not both modules"):format(from, to),
      { hint = "a module ends with a slash: cso.moved { from = \"net/\", to = \"network/\" }" })
  end
  if from == to then evaluation.fail("moved", from .. " can't be moved to itself") end
  e.moved[#e.moved + 1] = { from = from, to = to, where = where.here(1) }
end

--- cso.forget { address, … }: these are no longer csorun's; they stay in the account.
---@param given string[]|string
function lifecycle.forget(given)
  local e = evaluation.declaring("cso.forget")
  if type(given) == "string" then given = { given } end
  if type(given) ~= "table" then
    evaluation.fail("forget", "cso.forget needs a list of addresses: cso.forget { \"EC2.VPC.main\" }")
  end
  for key, address in pairs(given) do
    if math.type(key) ~= "integer" then
      evaluation.fail("forget", "cso.forget takes a list of addresses, without names")
    end
    e.forgotten[address_in(e, address, "what cso.forget names")] = where.here(1) or "the playbook"
  end
end

return lifecycle
