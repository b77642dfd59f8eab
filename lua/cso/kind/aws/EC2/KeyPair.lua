local json = require "cso.std.json"
local kind = require "cso.kind.declare"
local value = require "cso.std.value"

return kind "AWS::EC2::KeyPair" {
  service = "ec2", id = "KeyName", tag_type = "key-pair",
  handles = { "KeyName", "KeyType", "KeyFormat", "PublicKeyMaterial", "Tags" },
  create = function(r)
    local d, tags = r.desired, {}
    for k, v in pairs(require("cso.kind.tags").owned(d.Tags, r.own)) do tags[#tags + 1] = { Key = k, Value = v } end
    table.sort(tags, function(a, b) return a.Key < b.Key end)
    local p = { KeyName = d.KeyName, TagSpecifications = { { ResourceType = "key-pair", Tags = json.array(tags) } } }
    local out
    if d.PublicKeyMaterial then
      p.PublicKeyMaterial = d.PublicKeyMaterial
      out = r:call("ImportKeyPair", p, { creates = true })
    else
      p.KeyType, p.KeyFormat = d.KeyType, d.KeyFormat
      out = r:call("CreateKeyPair", p, { creates = true })
    end
    r.id = out.KeyName
    r.attributes = { KeyName = out.KeyName, KeyPairId = out.KeyPairId, KeyFingerprint = out.KeyFingerprint }
    -- EC2 shows the private half this once; it goes where the playbook sends it, never into state.
    if out.KeyMaterial then
      r.attributes.KeyMaterial = value.secret(out.KeyMaterial, { origin = { address = r.address, path = "KeyMaterial" } })
    end
  end,
  read = { "DescribeKeyPairs", by = "KeyNames", list = "KeyPairs[]" },
  tag_id = function(r, current) return current.KeyPairId or r.attributes.KeyPairId end,
  write_only = { "PublicKeyMaterial", "KeyFormat" },
  natural = function(r) return r.desired.KeyName end,
  delete = { "DeleteKeyPair" },
  seconds = { create = 1, delete = 1 },
}
