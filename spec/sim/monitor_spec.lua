local support = require "spec.sim.support"

support.versions.sns = "2010-03-31"
support.versions.monitoring = "2010-08-01"

describe("logs, topics and alarms", function()
  local sim
  before_each(function() sim = support.world() end)

  local function logs(op, params) return sim:json("logs", "Logs_20140328." .. op, params) end

  it("give a group's ARN with a star, and take it for tags without", function()
    assert(logs("CreateLogGroup", { logGroupName = "/a" }))
    local group = logs("DescribeLogGroups", { logGroupNamePrefix = "/a" }).logGroups[1]
    assert.equal("arn:aws:logs:eu-west-2:123456789012:log-group:/a:*", group.arn)
    local _, code = logs("TagResource", { resourceArn = group.arn, tags = { a = "b" } })
    assert.equal("InvalidParameterException", code)
    assert(logs("TagResource", { resourceArn = group.logGroupArn, tags = { a = "b" } }))
    assert.same({ a = "b" }, logs("ListTagsForResource", { resourceArn = group.logGroupArn }).tags)
    _, code = logs("CreateLogGroup", { logGroupName = "/a" })
    assert.equal("ResourceAlreadyExistsException", code)
    _, code = logs("PutRetentionPolicy", { logGroupName = "/a", retentionInDays = 2 })
    assert.equal("InvalidParameterException", code)
  end)

  it("keep an email subscription pending until it is confirmed", function()
    local topic = assert(sim:call("sns", "CreateTopic", { Name = "t" })).TopicArn
    assert.equal(topic, sim:call("sns", "CreateTopic", { Name = "t" }).TopicArn)
    local made = sim:call("sns", "Subscribe", { TopicArn = topic, Protocol = "email", Endpoint = "a@b.test" })
    assert.equal("pending confirmation", made.SubscriptionArn)
    local list = sim:call("sns", "ListSubscriptionsByTopic", { TopicArn = topic }).Subscriptions
    assert.equal("PendingConfirmation", list[1].SubscriptionArn)
    local _, code = sim:call("sns", "Subscribe", { TopicArn = topic, Protocol = "https", Endpoint = "a@b.test" })
    assert.equal("InvalidParameter", code)
    assert(sim:call("sns", "DeleteTopic", { TopicArn = topic }))
    assert.same({}, sim.world:dump())
  end)

  local alarm = { AlarmName = "a", Namespace = "AWS/EC2", MetricName = "m", Statistic = "Average", Period = 60,
    EvaluationPeriods = 1,
    Threshold = 1.5, ComparisonOperator = "GreaterThanThreshold" }

  it("describe an alarm alike in both protocols", function()
    assert(sim:call("monitoring", "PutMetricAlarm", alarm))
    local by_query = sim:call("monitoring", "DescribeAlarms", {}).MetricAlarms[1]
    local by_json = sim:json("monitoring", "GraniteServiceVersion20100801.DescribeAlarms", {}).MetricAlarms[1]
    assert.equal("1.5", by_query.Threshold)
    assert.equal(1.5, by_json.Threshold)
    assert.equal(by_query.AlarmArn, by_json.AlarmArn)
    local _, code = sim:call("monitoring", "DeleteAlarms", { AlarmNames = { "b" } })
    assert.equal("ResourceNotFound", code)
  end)
end)
