local kind = require "cso.kind.declare"
local shape = require "cso.kind.shape"
local json = require "cso.std.json"

local attributes = { "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy",
  "SubscriptionRoleArn" }

-- How an attribute is taken away, where it is not by an empty text.
local NOTHING = { FilterPolicy = "{}", RawMessageDelivery = "false", FilterPolicyScope = "MessageAttributes" }

local function text(v)
  return tostring(shape.document(v))
end

local function fields(d)
  local out = {}
  for _, name in ipairs(attributes) do
    if d[name] ~= nil then out[name] = text(d[name]) end
  end
  return next(out) and out or nil
end

return kind "AWS::SNS::Subscription" {
  service = "sns", id = "Arn",
  handles = { "TopicArn", "Protocol", "Endpoint", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy",
    "DeliveryPolicy", "SubscriptionRoleArn" },
  create = function(r)
    local d = r.desired
    r.id = r:call("Subscribe", { TopicArn = d.TopicArn, Protocol = d.Protocol, Endpoint = d.Endpoint, Attributes = fields(d),
      ReturnSubscriptionArn = true }).SubscriptionArn
    r.attributes = { Arn = r.id }
  end,
  read = function(r)
    local out, e = r:try("GetSubscriptionAttributes", { SubscriptionArn = r.id })
    if not out then
      if e.code:match("NotFound") then return nil end
      error(e, 0)
    end
    local a = out.Attributes
    local model = { Arn = r.id, TopicArn = a.TopicArn, Protocol = a.Protocol or r.desired.Protocol, Endpoint = a.Endpoint
      or r.desired.Endpoint,
      RawMessageDelivery = a.RawMessageDelivery == "true", FilterPolicyScope = a.FilterPolicyScope,
      SubscriptionRoleArn = a.SubscriptionRoleArn }
    for _, name in ipairs { "FilterPolicy", "RedrivePolicy", "DeliveryPolicy" } do
      model[name] = a[name] and json.decode(a[name]) or nil
    end
    return model
  end,
  update = function(r, set)
    for _, name in ipairs(attributes) do
      if set[name] then
        r:call("SetSubscriptionAttributes", { SubscriptionArn = r.id, AttributeName = name,
          AttributeValue = r.desired[name] ~= nil and text(r.desired[name]) or NOTHING[name] or "" })
      end
    end
  end,
  fixed = { "TopicArn", "Protocol", "Endpoint" }, claims = { "TopicArn", "Protocol", "Endpoint" },
  removes = { "FilterPolicy", "RedrivePolicy", "DeliveryPolicy" },
  defaults = { RawMessageDelivery = false, FilterPolicyScope = "MessageAttributes" },
  delete = function(r)
    local _, e = r:try("Unsubscribe", { SubscriptionArn = r.id })
    -- What nobody confirmed can't be unsubscribed; SNS drops it by itself after three days.
    if e and not e.code:match("NotFound") and not (e.message or ""):match("pending") then error(e, 0) end
  end,
  find = function(r)
    local d, token = r.desired, nil
    repeat
      local out = r:call("ListSubscriptionsByTopic", { TopicArn = d.TopicArn, NextToken = token })
      for _, one in ipairs(out.Subscriptions or {}) do
        -- What nobody confirmed has no name of its own yet.
        if one.Protocol == d.Protocol and one.Endpoint == d.Endpoint and (one.SubscriptionArn or ""):match("^arn:") then
          return one.SubscriptionArn
        end
      end
      token = out.NextToken
    until not token or token == ""
  end,
  seconds = { create = 1, delete = 1 },
}
