local kind = require "cso.kind.declare"

local function alias(r)
  local marker
  repeat
    local out = r:call("ListAliases", { Marker = marker })
    for _, a in ipairs(out.Aliases) do
      if a.AliasName == r.id then return a end
    end
    marker = out.Truncated and out.NextMarker or nil
  until not marker
end

return kind "AWS::KMS::Alias" {
  service = "kms", id = "AliasName",
  create = { "CreateAlias", bare = true },
  read = function(r)
    local a = alias(r)
    return a and { AliasName = a.AliasName, TargetKeyId = a.TargetKeyId, AliasArn = a.AliasArn }
  end,
  update = { TargetKeyId = { "UpdateAlias" } },
  -- A key may be named by its ARN, but the list shows its id.
  same = { TargetKeyId = function(want, have) return have ~= nil and tostring(want):match("([^/]+)$") == have end },
  find = function(r)
    r.id = r.desired.AliasName
    local a = alias(r)
    r.id = nil
    if a and a.TargetKeyId == tostring(r.desired.TargetKeyId):match("([^/]+)$") then return a.AliasName end
  end,
  delete = { "DeleteAlias" },
  seconds = { create = 1, delete = 1 },
}
