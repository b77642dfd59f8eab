--- Topics: attributes are texts; creating one that stands there alike is no error.
local json = require "cso.std.json"
local tagging = require "sim.help.tagging"
local tags = require "sim.help.tags"

local TAG_RULE = { code = "InvalidParameter", too_many = "TagLimitExceeded" }

local topic = {}

--- The topic's row.
function topic.need(ctx, arn, code)
  if not arn:match("^arn:[%w-]+:sns:[%w-]+:%d+:[^:]+$") then
    ctx:fail("InvalidParameter", "Invalid parameter: TopicArn")
  end
  local row = ctx:table("Topic"):get(arn)
  if not row then ctx:fail(code or "NotFound", code and "Resource does not exist" or "Topic does not exist") end
  return row
end

function topic.save(ctx, row) ctx:table("Topic"):put(row.TopicArn, row) end

local function policy(ctx, arn)
  return json.encode { Version = "2008-10-17", Id = "__default_policy_ID", Statement = { { Sid = "__default_statement_ID",
    Effect = "Allow", Principal = { AWS = "*" }, Resource = arn,
      Condition = { StringEquals = { ["AWS:SourceOwner"] = ctx.account } },
    Action = { "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
      "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish" } } } }
end

local settable = { DisplayName = true, KmsMasterKeyId = true, Policy = true, DeliveryPolicy = true, SignatureVersion = true,
  TracingConfig = true, ContentBasedDeduplication = true, ArchivePolicy = true, FifoThroughputScope = true,
  MaximumMessageSize = true, DataProtectionPolicy = true }
local fifo_only = { ContentBasedDeduplication = true, ArchivePolicy = true, FifoThroughputScope = true }
local documents = { Policy = true, DeliveryPolicy = true, ArchivePolicy = true }

local function check(ctx, name, value, fifo)
  local delivery = name:match("FeedbackRoleArn$") or name:match("FeedbackSampleRate$")
  if not settable[name] and not delivery or fifo_only[name] and not fifo then
    ctx:fail("InvalidParameter", "Invalid parameter: Attributes Reason: Unknown attribute " .. name)
  end
  if documents[name] and value ~= "" and type(json.decode(value)) ~= "table" then
    ctx:fail("InvalidParameter", ("Invalid parameter: %s Reason: failed to parse JSON"):format(name))
  end
  if name == "SignatureVersion" and value ~= "1" and value ~= "2" then
    ctx:fail("InvalidParameter", "Invalid parameter: SignatureVersion")
  end
  if name == "DisplayName" and #value > 100 then ctx:fail("InvalidParameter", "Invalid parameter: DisplayName") end
  if name == "TracingConfig" and value ~= "PassThrough" and value ~= "Active" then
    ctx:fail("InvalidParameter", "Invalid parameter: TracingConfig")
  end
end

function topic.CreateTopic(ctx, input)
  local attributes, name = {}, input.Name
  for k, v in next, input.Attributes or {} do attributes[k] = v end
  local fifo = attributes.FifoTopic == "true"
  attributes.FifoTopic = nil
  if #name > 256 or not (fifo and name:gsub("%.fifo$", "") or name):match("^[%w_-]+$") then
    ctx:fail("InvalidParameter", "Invalid parameter: Topic Name")
  end
  if fifo ~= (name:match("%.fifo$") ~= nil) then
    ctx:fail("InvalidParameter",
      "Invalid parameter: Fifo topic names must end with .fifo and must be made up of only uppercase and "
      .. "lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.")
  end
  for k, v in next, attributes do check(ctx, k, v, fifo) end
  local list, arn = tags.check(ctx, input.Tags, TAG_RULE), ctx:arn(name)
  local row = ctx:table("Topic"):get(arn)
  if row then
    for k, v in next, attributes do
      if row._attributes[k] ~= v then
        ctx:fail("InvalidParameter", "Invalid parameter: Attributes Reason: Topic already exists with different attributes")
      end
    end
    if input.Tags and json.encode(json.array(list)) ~= json.encode(json.array(row._tags)) then
      ctx:fail("InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags")
    end
  else
    topic.save(ctx, { TopicArn = arn, _attributes = attributes, _tags = list, _fifo = fifo, _policy = policy(ctx, arn) })
  end
  return { TopicArn = arn }
end

function topic.GetTopicAttributes(ctx, input)
  local row = topic.need(ctx, input.TopicArn)
  local out = { TopicArn = row.TopicArn, Owner = ctx.account, DisplayName = "", Policy = row._policy,
    EffectiveDeliveryPolicy = json.encode { http = { defaultHealthyRetryPolicy = { minDelayTarget = 20, maxDelayTarget = 20,
      numRetries = 3, numMaxDelayRetries = 0, numNoDelayRetries = 0, numMinDelayRetries = 0, backoffFunction = "linear" },
      disableSubscriptionOverrides = false } } }
  local pending, confirmed = 0, 0
  for _, s in ipairs(ctx:table("Subscription"):by("TopicArn", row.TopicArn)) do
    if s._pending then pending = pending + 1 else confirmed = confirmed + 1 end
  end
  out.SubscriptionsPending, out.SubscriptionsConfirmed, out.SubscriptionsDeleted = tostring(pending), tostring(confirmed), "0"
  if row._fifo then out.FifoTopic, out.ContentBasedDeduplication = "true", "false" end
  for k, v in next, row._attributes do if v ~= "" or k == "DisplayName" then out[k] = v end end
  return { Attributes = out }
end

function topic.SetTopicAttributes(ctx, input)
  local row = topic.need(ctx, input.TopicArn)
  check(ctx, input.AttributeName, input.AttributeValue or "", row._fifo)
  row._attributes[input.AttributeName] = input.AttributeValue or ""
  topic.save(ctx, row)
  return {}
end

function topic.ListTopics(ctx, input)
  local page, token = ctx:page(ctx:table("Topic"):list(), input.NextToken, nil, 100, "InvalidParameter")
  return { Topics = page, NextToken = token }
end

function topic.DeleteTopic(ctx, input)
  local subscriptions = ctx:table("Subscription")
  for _, s in ipairs(subscriptions:by("TopicArn", input.TopicArn)) do subscriptions:delete(s.SubscriptionArn) end
  ctx:table("Topic"):delete(input.TopicArn)
  return {}
end

function topic.Publish(ctx, input)
  if input.TopicArn or input.TargetArn then topic.need(ctx, input.TopicArn or input.TargetArn)
  elseif not input.PhoneNumber then ctx:fail("InvalidParameter",
    "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter") end
  if input.Message == "" then ctx:fail("InvalidParameter", "Invalid parameter: Empty message") end
  return { MessageId = ctx.ids:uuid() }
end

topic.TagResource, topic.UntagResource = tagging { at = "_tags", save = topic.save, rule = TAG_RULE,
  find = function(ctx, input) return topic.need(ctx, input.ResourceArn, "ResourceNotFound") end }

function topic.ListTagsForResource(ctx, input) return { Tags = topic.need(ctx, input.ResourceArn, "ResourceNotFound")._tags } end

function topic.GetDataProtectionPolicy(ctx, input)
  return { DataProtectionPolicy = topic.need(ctx, input.ResourceArn)._attributes.DataProtectionPolicy or "" }
end

return topic
