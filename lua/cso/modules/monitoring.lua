-- What has to be there before the first server boots: log groups, the CloudWatch agent's
-- configuration, and the two topics that alarms go to. The alarms themselves are in
-- cso.modules.alarms.
local cso = require "cso"
local aws = cso.aws
local Logs, SNS, SSM = aws.Logs, aws.SNS, aws.SSM

-- { log group's last part, file on the server }
local LOGS = {
  { "cso-setup", "/var/log/cso-setup.log" },
  { "keystone-setup-progress", "/var/log/keystone-setup-progress.log" },
  { "rabbitmq-setup-progress", "/var/log/rabbitmq-setup-progress.log" },
  { "efs-s3-sync", "/var/log/efs-s3-sync.log" },
  { "cloud-init-output", "/var/log/cloud-init-output.log" },
  { "keystone", "/var/log/httpd/keystone.log" },
  { "rabbitmq", "/var/log/rabbitmq/*.log" },
}

local function topic(inp, short)
  local it = SNS.Topic(short) {
    TopicName = ("%s-cso-%s"):format(inp.name, short),
    DisplayName = ("%s %s"):format(inp.name, short),
  }
  SNS.Subscription(short .. "-email") {
    TopicArn = it, Protocol = "email", Endpoint = inp.admin_email,
  }
  return it
end

return cso.module {
  inputs = {
    name = cso.t.string,
    admin_email = cso.t.email,
    pagerduty_url = cso.t.url { optional = true }, -- an https integration, for critical alarms
    log_retention = cso.t.integer { default = 14 }, -- days
    templates = cso.t.string,
  },
  build = function(inp)
    local critical, warning = topic(inp, "critical"), topic(inp, "warning")
    if inp.pagerduty_url then
      SNS.Subscription "critical-pagerduty" {
        TopicArn = critical, Protocol = "https", Endpoint = inp.pagerduty_url,
      }
    end
    local groups, collected = {}, {}
    for i, log in ipairs(LOGS) do
      local name = ("/cso/%s/%s"):format(inp.name, log[1])
      groups[i] = Logs.LogGroup(log[1]) { LogGroupName = name, RetentionInDays = inp.log_retention }
      collected[i] = { path = log[2], group = name }
    end
    -- CloudWatchAgentServerPolicy lets servers read parameters of this prefix only.
    local name = ("AmazonCloudWatch-%s-cso"):format(inp.name)
    local agent = SSM.Parameter "agent" {
      Name = name, Type = "String", Description = "CloudWatch agent of the portal's servers",
      Value = cso.template(inp.templates .. "/config/cloudwatch-agent.json.tmpl",
        { logs = collected }),
    }
    return {
      critical = critical, warning = warning, log_groups = groups,
      agent = agent, agent_parameter = name,
    }
  end,
}
