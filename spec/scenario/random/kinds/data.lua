--- Buckets, queues, topics, parameters and logs.
local words = require "spec.scenario.random.kinds.words"

local action, mark, named = words.action, words.mark, words.named

local bucket, queue, topic = named "random-bucket", named "queue", named "topic"
local group, parameter = named "/random/log", named "/random/p"
local DAYS = { 1, 3, 5, 7, 14, 30 }

local K = {}

K.bucket = { type = "aws.S3.Bucket",
  beside = true, gone = { "s3.DeleteBucket", "Bucket={Name}" }, id = "{Name}",
  place = "s3/Bucket", free = true, text = function(r)
  return ('BucketName = "%s", VersioningConfiguration = { Status = "%s" }, %s'):format(bucket(r),
    r.v % 2 == 0 and "Enabled" or "Suspended", mark(r))
end, seen = function(row) return row.Name end, want = bucket }

K.bucket_policy = { type = "aws.S3.BucketPolicy", uses = { bucket = "bucket" }, alone = { { "bucket" } }, fixed = true,
  text = function(r, by)
    return ([[Bucket = %s, PolicyDocument = { Version = "2012-10-17", Statement = { {
    Effect = "Deny", Principal = "*", Action = "%s", Resource = %s.Arn .. "/*" } } }]]):format(by.bucket.var, action(r),
      by.bucket.var)
  end }

K.queue = { type = "aws.SQS.Queue",
  beside = true, ignorable = "VisibilityTimeout",
  place = "cloudcontrol/AWS::SQS::Queue", free = true,
  text = function(r) return ('QueueName = "%s", VisibilityTimeout = %d'):format(queue(r), 30 + r.v) end,
  seen = function(row) return ("%s %d"):format(row.Properties.QueueName, row.Properties.VisibilityTimeout) end,
  want = function(r, _, m) return ("%s %d"):format(queue(r), (m.policies.queue and 100 or 30) + r.v) end,
  policy = { text = [[cso.policy "RANDOM-002" { title = "longer", on = "SQS.Queue",
    fix = function(q) return { VisibilityTimeout = q.VisibilityTimeout + 70 } end }]] } }

K.topic = { type = "aws.SNS.Topic", out = "TopicArn",
  beside = true, gone = { "sns.DeleteTopic", "TopicArn={TopicArn}" }, id = "{TopicArn}",
  touch = { "sns.SetTopicAttributes", "TopicArn={TopicArn}", "AttributeName=DisplayName", "AttributeValue=other" },
  place = "sns/Topic", free = true,
  text = function(r) return ('TopicName = "%s", DisplayName = "d%d"'):format(topic(r), r.v) end,
  seen = function(row) return row.TopicArn:match "[^:]+$" end, want = topic }

K.subscription = { type = "aws.SNS.Subscription",
  gone = { "sns.Unsubscribe", "SubscriptionArn={SubscriptionArn}" },
  uses = { topic = "topic", queue = "queue" },
  alone = { { "topic", "queue" } }, place = "sns/Subscription", fixed = true,
  text = function(r, by)
    return ('TopicArn = %s, Protocol = "sqs", Endpoint = %s.Arn, RawMessageDelivery = %s'):format(by.topic.var,
      by.queue.var, r.v % 2 == 1)
  end,
  seen = function(row) return row.TopicArn:match "[^:]+$" .. " " .. row.Endpoint:match "[^:]+$" end,
  want = function(_, by) return topic(by.topic) .. " " .. queue(by.queue) end }

K.parameter = { type = "aws.SSM.Parameter",
  beside = true, ignorable = "Value", gone = { "ssm.DeleteParameter", "Name={Name}" }, id = "{Name}",
  touch = { "ssm.PutParameter", "Name={Name}", "Value=other", "Overwrite=true" },
  place = "ssm/Parameter", free = true,
  text = function(r) return ('Name = "%s", Type = "String", Value = "v%d"'):format(parameter(r), r.v) end,
  -- What is made of a password shows what it was made as.
  seen = function(row) return row.Name .. " " .. row.Value:gsub(":.*", "") end,
  want = function(r) return parameter(r) .. " v" .. r.v end }

K.log = { type = "aws.Logs.LogGroup",
  beside = true, ignorable = "RetentionInDays", gone = { "logs.DeleteLogGroup", "logGroupName={logGroupName}" },
  id = "{logGroupName}", touch = { "logs.PutRetentionPolicy", "logGroupName={logGroupName}", "retentionInDays=60" },
  place = "logs/LogGroup", free = true,
  text = function(r) return ('LogGroupName = "%s", RetentionInDays = %d'):format(group(r), DAYS[r.v % #DAYS + 1]) end,
  seen = function(row) return ("%s %d"):format(row.logGroupName, row.retentionInDays or 0) end,
  want = function(r, _, m) return ("%s %d"):format(group(r), math.max(m.policies.log and 7 or 0, DAYS[r.v % #DAYS + 1])) end,
  policy = { text = [[cso.policy "RANDOM-001" { title = "a week at least", on = "Logs.LogGroup",
    fix = function(g) return g.RetentionInDays < 7 and { RetentionInDays = 7 } or nil end }]] } }

return K
