local compare = require "cso.kind.compare"
local find = require "cso.kind.find"
local json = require "cso.std.json"
local kind = require "cso.kind.declare"
local tags = require "cso.kind.tags"

return kind "AWS::KMS::Key" {
  service = "kms", id = "KeyId",
  create = {
    "CreateKey", take = "KeyMetadata", tags = "Tags", rename = { KeyPolicy = "Policy",
      BypassPolicyLockoutSafetyCheck = "BypassPolicyLockoutSafetyCheck" },
    skip = { "Enabled", "EnableKeyRotation", "PendingWindowInDays", "RotationPeriodInDays" },
    handles = { "PendingWindowInDays", "RotationPeriodInDays" },
    retry = { "MalformedPolicyDocument" },
  },
  read = {
    "DescribeKey", take = "KeyMetadata", tags = "read", gone_when = { KeyState = { "PendingDeletion" } },
    shape = function(model, _, r)
      if r.desired.EnableKeyRotation ~= nil then
        local status = r:call("GetKeyRotationStatus", { KeyId = r.id })
        model.EnableKeyRotation, model.RotationPeriodInDays = status.KeyRotationEnabled, status.RotationPeriodInDays
      end
      if r.desired.KeyPolicy ~= nil then
        model.KeyPolicy = json.decode(r:call("GetKeyPolicy", { KeyId = r.id, PolicyName = "default" }).Policy)
      end
      return model
    end,
  },
  update = {
    Description = { "UpdateKeyDescription" },
    KeyPolicy = { "PutKeyPolicy", rename = { KeyPolicy = "Policy" } },
    Enabled = function(r, on) r:call(on and "EnableKey" or "DisableKey", { KeyId = r.id }) end,
    EnableKeyRotation = function(r, on)
      r:call(on and "EnableKeyRotation" or "DisableKeyRotation", { KeyId = r.id,
        RotationPeriodInDays = on and r.desired.RotationPeriodInDays or nil })
    end,
    RotationPeriodInDays = function(r, days)
      r:call("EnableKeyRotation", { KeyId = r.id, RotationPeriodInDays = days })
    end,
    PendingWindowInDays = function() end, -- used when it is deleted
  },
  same = { KeyPolicy = function(want, have) return compare.json(want, have) end },
  write_only = { "PendingWindowInDays", "BypassPolicyLockoutSafetyCheck" }, flags = { "BypassPolicyLockoutSafetyCheck" },
  replace = { "KeySpec", "KeyUsage", "Origin", "MultiRegion" },
  defaults = { Description = "", Enabled = true, EnableKeyRotation = false },
  recover = {
    can = function(r)
      local key, list = r:try("DescribeKey", { KeyId = r.id }), r:try("ListResourceTags", { KeyId = r.id })
      return key ~= nil and list ~= nil and find.owned(r, tags.to_map(list.Tags, true))
    end,
    take = function(r)
      local state = r:call("DescribeKey", { KeyId = r.id }).KeyMetadata.KeyState
      if state == "PendingDeletion" then r:call("CancelKeyDeletion", { KeyId = r.id }) end
      -- It comes back disabled.
      if state ~= "Enabled" and r.desired.Enabled ~= false then r:call("EnableKey", { KeyId = r.id }) end
    end,
  },
  find = function(r)
    local marker
    repeat
      local out = r:call("ListKeys", { Marker = marker })
      for _, key in ipairs(out.Keys) do
        local list = r:try("ListResourceTags", { KeyId = key.KeyId })
        local map = tags.to_map(list and list.Tags, true)
        if map["cso:stack"] == r.own["cso:stack"] and map["cso:address"] == r.address and not find.known(r, key.KeyId) then
          local state = r:call("DescribeKey", { KeyId = key.KeyId }).KeyMetadata.KeyState
          if state ~= "PendingDeletion" then return key.KeyId end
        end
      end
      marker = out.Truncated and out.NextMarker or nil
    until not marker
  end,
  -- KMS never deletes at once: the key waits for as many days as declared, 30 unless told.
  delete = { "ScheduleKeyDeletion", gone = { "KMSInvalidStateException" },
    with = function(p, r) p.PendingWindowInDays = math.tointeger(tonumber(r.desired.PendingWindowInDays)) end },
  seconds = { create = 1, delete = 1 },
}
