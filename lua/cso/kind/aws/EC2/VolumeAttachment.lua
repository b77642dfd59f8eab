local kind = require "cso.kind.declare"

--- The id is "<volume>|<instance>".
local function attachment(r)
  local volume, instance = r.id:match("^(.-)|(.+)$")
  local out, e = r:try("DescribeVolumes", { VolumeIds = { volume } })
  if not out then
    if e.code:match("NotFound") then return nil end
    error(e, 0)
  end
  for _, a in ipairs(out.Volumes[1] and out.Volumes[1].Attachments or {}) do
    if a.InstanceId == instance and a.State ~= "detached" then return a end
  end
end

return kind "AWS::EC2::VolumeAttachment" {
  service = "ec2", id = "Id", handles = { "VolumeId", "InstanceId", "Device", "EbsCardIndex" },
  create = function(r)
    local d = r.desired
    r.id = d.VolumeId .. "|" .. d.InstanceId
    -- An instance takes volumes only once it runs.
    r:poll("waiting for the instance to take volumes", function()
      if attachment(r) then return true end
      local out, e = r:try("AttachVolume", { VolumeId = d.VolumeId, InstanceId = d.InstanceId, Device = d.Device,
        EbsCardIndex = d.EbsCardIndex })
      if out then return true end
      if e.code == "IncorrectState" or e.code == "IncorrectInstanceState" then return false end
      r.id = nil
      error(e, 0)
    end, 30)
  end,
  read = function(r)
    local a = attachment(r)
    return a and { VolumeId = a.VolumeId, InstanceId = a.InstanceId, Device = a.Device,
      EbsCardIndex = a.EbsCardIndex or r.desired.EbsCardIndex }
  end,
  natural = function(r) return r.desired.VolumeId .. "|" .. r.desired.InstanceId end,
  ready = function(r)
    r:poll("waiting for attached", function()
      local a = attachment(r)
      return a and a.State == "attached"
    end, 5)
  end,
  delete = function(r)
    local volume, instance = r.id:match("^(.-)|(.+)$")
    local _, e = r:try("DetachVolume", { VolumeId = volume, InstanceId = instance })
    if e and e.code ~= "IncorrectState" and not e.code:match("NotFound") then error(e, 0) end
    r:poll("waiting for detached", function() return not attachment(r) end, 5)
  end,
  seconds = { create = 5, delete = 5 },
}
