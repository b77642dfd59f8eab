local kind = require "cso.kind.declare"
local find = require "cso.kind.find"
local shape = require "cso.kind.shape"
local tags = require "cso.kind.tags"
local json = require "cso.std.json"

--- Topic attributes are texts under these names.
local attributes = { "DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig", "ContentBasedDeduplication",
  "ArchivePolicy", "FifoThroughputScope", "MaximumMessageSize" }

local function text(v)
  v = shape.document(v)
  return v == nil and "" or tostring(v)
end

local function value_of(r, name)
  if r.desired[name] ~= nil then return r.desired[name] end
  return r.kind:default_of(name)
end

local handles = { "TopicName", "FifoTopic", "Tags" }
for _, name in ipairs(attributes) do handles[#handles + 1] = name end

return kind "AWS::SNS::Topic" {
  service = "sns", id = "TopicArn", name = { "TopicName", max = 256 }, handles = handles,
  create = function(r)
    local map = {}
    for _, name in ipairs(attributes) do
      if r.desired[name] ~= nil then map[name] = text(r.desired[name]) end
    end
    if r.desired.FifoTopic then map.FifoTopic = "true" end
    r.id = r:call("CreateTopic", { Name = r.desired.TopicName, Attributes = next(map) and map or nil,
      Tags = tags.to_api(r:model(), "TagList", tags.owned(r.desired.Tags, r.own)) }).TopicArn
    r.attributes = { TopicArn = r.id, TopicName = r.desired.TopicName }
  end,
  read = function(r)
    local out, e = r:try("GetTopicAttributes", { TopicArn = r.id })
    if not out then
      if e.code:match("NotFound") then return nil end
      error(e, 0)
    end
    local list = tags.read(r, r.id)
    r.owner_tags = tags.to_map(list, true)
    local model = { TopicArn = r.id, TopicName = r.id:match("([^:]+)$"), Tags = tags.to_map(list),
      FifoTopic = out.Attributes.FifoTopic == "true" }
    for _, name in ipairs(attributes) do
      local v = out.Attributes[name]
      model[name] = name == "ArchivePolicy" and v and json.decode(v) or v
    end
    return model
  end,
  update = function(r, set)
    for _, name in ipairs(attributes) do
      if set[name] then
        r:call("SetTopicAttributes", { TopicArn = r.id, AttributeName = name, AttributeValue = text(value_of(r, name)) })
      end
    end
    if set.Tags then require("cso.kind.write").update_tags(r.kind, r) end
  end,
  fixed = { "TopicName", "FifoTopic" },
  removes = { "ArchivePolicy" },
  defaults = { DisplayName = "", KmsMasterKeyId = "", SignatureVersion = "1", TracingConfig = "PassThrough" },
  delete = { "DeleteTopic" },
  puts = true,
  find = function(r)
    local token
    repeat
      local out = r:call("ListTopics", { NextToken = token })
      for _, topic in ipairs(out.Topics or {}) do
        if topic.TopicArn:match("([^:]+)$") == r.desired.TopicName then
          if find.owned(r, tags.to_map(tags.read(r, topic.TopicArn), true)) then return topic.TopicArn end
          find.taken(r, topic.TopicArn)
        end
      end
      token = out.NextToken
    until not token or token == ""
  end,
  seconds = { create = 1, delete = 1 },
}
