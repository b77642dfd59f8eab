--- Subscriptions. What a machine of the account receives is confirmed at once; people and web
--- servers have to confirm, which nobody does here but by ConfirmSubscription.
local json = require "cso.std.json"
local topic = require "sim.service.sns.topic"

local subscription = {}

-- Protocol → what its endpoint has to look like, and whether it needs to be confirmed.
local protocols = {
  email = { "^[^@%s]+@[^@%s]+$", true }, ["email-json"] = { "^[^@%s]+@[^@%s]+$", true },
  http = { "^http://", true }, https = { "^https://", true }, sms = { "^%+?[%d%-%s]+$", false },
  sqs = { "^arn:[%w-]+:sqs:", false }, lambda = { "^arn:[%w-]+:lambda:", false }, firehose = { "^arn:[%w-]+:firehose:", false },
  application = { "^arn:[%w-]+:sns:", false },
}

local texts = { FilterPolicy = "json", RedrivePolicy = "json", DeliveryPolicy = "json", ReplayPolicy = "json",
  FilterPolicyScope = { MessageAttributes = true, MessageBody = true }, RawMessageDelivery = { ["true"] = true,
    ["false"] = true },
  SubscriptionRoleArn = "any" }

local function check(ctx, name, value)
  local rule = texts[name]
  if not rule then ctx:fail("InvalidParameter", "Invalid parameter: AttributeName") end
  if rule == "json" and value ~= "" and type(json.decode(value)) ~= "table" then
    ctx:fail("InvalidParameter", ("Invalid parameter: %s: failed to parse JSON."):format(name))
  elseif type(rule) == "table" and not rule[value] then
    ctx:fail("InvalidParameter", ("Invalid parameter: Attributes Reason: %s: Invalid value [%s]."):format(name, value))
  end
end

function subscription.Subscribe(ctx, input)
  local row = topic.need(ctx, input.TopicArn)
  local rule = protocols[input.Protocol]
  if not rule then
    ctx:fail("InvalidParameter", "Invalid parameter: Protocol Reason: Does not support this protocol string: " .. input.Protocol)
  end
  if not (input.Endpoint or ""):match(rule[1]) then
    ctx:fail("InvalidParameter", ("Invalid parameter: Endpoint Reason: %s endpoint expected"):format(input.Protocol))
  end
  if row._fifo and input.Protocol ~= "sqs" then
    ctx:fail("InvalidParameter", "Invalid parameter: Invalid protocol type: " .. input.Protocol)
  end
  for k, v in next, input.Attributes or {} do check(ctx, k, v) end
  local rows, found = ctx:table("Subscription"), nil
  for _, s in ipairs(rows:by("TopicArn", row.TopicArn)) do
    if s.Protocol == input.Protocol and s.Endpoint == input.Endpoint then found = s end
  end
  if not found then
    local arn = row.TopicArn .. ":" .. ctx.ids:uuid()
    found = rows:put(arn, { SubscriptionArn = arn, TopicArn = row.TopicArn, Protocol = input.Protocol, Endpoint = input.Endpoint,
      Owner = ctx.account, _pending = rule[2] or nil, _token = ctx.ids:hex(64), _attributes = input.Attributes or {} })
  end
  local shown = found._pending and not input.ReturnSubscriptionArn
  return { SubscriptionArn = shown and "pending confirmation" or found.SubscriptionArn }
end

function subscription.ConfirmSubscription(ctx, input)
  topic.need(ctx, input.TopicArn)
  for _, s in ipairs(ctx:table("Subscription"):by("TopicArn", input.TopicArn)) do
    if s._token == input.Token then
      s._pending = nil
      ctx:table("Subscription"):put(s.SubscriptionArn, s)
      return { SubscriptionArn = s.SubscriptionArn }
    end
  end
  ctx:fail("InvalidParameter", "Invalid token")
end

local function need(ctx, arn)
  if not arn:match("^arn:[%w-]+:sns:[%w-]+:%d+:[^:]+:[%x-]+$") then
    ctx:fail("InvalidParameter", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements")
  end
  local row = ctx:table("Subscription"):get(arn)
  if not row then ctx:fail("NotFound", "Subscription does not exist") end
  return row
end

function subscription.GetSubscriptionAttributes(ctx, input)
  local row = need(ctx, input.SubscriptionArn)
  local out = { SubscriptionArn = row.SubscriptionArn, TopicArn = row.TopicArn, Protocol = row.Protocol, Endpoint = row.Endpoint,
    Owner = row.Owner, PendingConfirmation = tostring(row._pending == true), RawMessageDelivery = "false",
    ConfirmationWasAuthenticated = tostring(not row._pending), SubscriptionPrincipal = ctx.who.arn or
      ("arn:%s:iam::%s:root"):format(ctx.partition, ctx.account) }
  for k, v in next, row._attributes do if v ~= "" then out[k] = v end end
  if out.FilterPolicy and not out.FilterPolicyScope then out.FilterPolicyScope = "MessageAttributes" end
  return { Attributes = out }
end

function subscription.SetSubscriptionAttributes(ctx, input)
  local row = need(ctx, input.SubscriptionArn)
  check(ctx, input.AttributeName, input.AttributeValue or "")
  row._attributes[input.AttributeName] = input.AttributeValue or ""
  ctx:table("Subscription"):put(row.SubscriptionArn, row)
  return {}
end

function subscription.Unsubscribe(ctx, input)
  if input.SubscriptionArn:lower():match("^pending") then
    ctx:fail("InvalidParameter", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")
  end
  ctx:table("Subscription"):delete(input.SubscriptionArn)
  return {}
end

local function listed(ctx, rows, token)
  local list = {}
  for i, s in ipairs(rows) do
    list[i] = { SubscriptionArn = s._pending and "PendingConfirmation" or s.SubscriptionArn, TopicArn = s.TopicArn,
      Protocol = s.Protocol, Endpoint = s.Endpoint, Owner = s.Owner }
  end
  local page, more = ctx:page(list, token, nil, 100, "InvalidParameter")
  return { Subscriptions = page, NextToken = more }
end

function subscription.ListSubscriptions(ctx, input) return listed(ctx, ctx:table("Subscription"):list(), input.NextToken) end

function subscription.ListSubscriptionsByTopic(ctx, input)
  local row = topic.need(ctx, input.TopicArn)
  return listed(ctx, ctx:table("Subscription"):by("TopicArn", row.TopicArn), input.NextToken)
end

return subscription
