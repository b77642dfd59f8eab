-- The alarms of the low-level design: critical ones page, warnings are mailed.
--
-- Memory and disk come from the CloudWatch agent. The alarms on database storage stand on the
-- initial 50 GB: once RDS has grown the volume they are stricter than their percentage, never
-- laxer. "Network errors > 1 %" is read as connections to servers that failed, out of all requests.
local cso = require "cso"
local CloudWatch = cso.aws.CloudWatch

local GIB = 1 << 30
local MINUTE, DAY, WEEK = 60, 86400, 604800

local CRITICAL, WARNING = "critical", "warning"

-- percent, for so many minutes, goes to that topic.
local SERVER = {
  { "cpu-critical", "AWS/EC2", "CPUUtilization", percent = 90, minutes = 5, to = CRITICAL },
  { "cpu-warning", "AWS/EC2", "CPUUtilization", percent = 80, minutes = 10, to = WARNING },
  { "memory-critical", "CWAgent", "mem_used_percent", percent = 95, minutes = 5, to = CRITICAL },
  { "memory-warning", "CWAgent", "mem_used_percent", percent = 85, minutes = 10, to = WARNING },
  { "disk-critical", "CWAgent", "disk_used_percent", percent = 95, minutes = 5, to = CRITICAL },
  { "disk-warning", "CWAgent", "disk_used_percent", percent = 85, minutes = 5, to = WARNING },
}

-- of: what the percentage is a percentage of (a member of the database module's result); free: the
-- metric counts what is left, in bytes, while `of` counts GB.
local CONNECTIONS, FREE = "DatabaseConnections", "FreeStorageSpace"
local DATABASE = {
  { "cpu-critical", "CPUUtilization", percent = 90, minutes = 5, to = CRITICAL },
  { "cpu-warning", "CPUUtilization", percent = 80, minutes = 10, to = WARNING },
  { "connections-critical", CONNECTIONS, of = "connections", percent = 90, minutes = 5,
    to = CRITICAL },
  { "connections-warning", CONNECTIONS, of = "connections", percent = 75, minutes = 5,
    to = WARNING },
  { "storage-critical", FREE, of = "storage", free = true, percent = 90, minutes = 5,
    to = CRITICAL },
  { "storage-warning", FREE, of = "storage", free = true, percent = 80, minutes = 5,
    to = WARNING },
}

-- What every alarm has; `more` says what it watches.
local function alarm(inp, name, topic, description, more)
  local properties = {
    AlarmName = ("%s-%s"):format(inp.name, name), AlarmDescription = description,
    ComparisonOperator = "GreaterThanThreshold", TreatMissingData = "missing",
    AlarmActions = { inp[topic] }, OKActions = { inp[topic] },
  }
  for key, value in pairs(more) do properties[key] = value end
  return CloudWatch.Alarm(name)(properties)
end

local function dimension(name, value)
  return { { Name = name, Value = value } }
end

-- One metric of an expression.
local function metric(id, namespace, name, dimensions, period, statistic)
  return {
    Id = id, ReturnData = false,
    MetricStat = {
      Metric = { Namespace = namespace, MetricName = name, Dimensions = dimensions },
      Period = period, Stat = statistic,
    },
  }
end

local function server_alarms(inp, server)
  local dimensions = dimension("InstanceId", server.instance.InstanceId)
  for _, row in ipairs(SERVER) do
    local text = ("%s over %d %% for %d minutes on %s")
      :format(row[3], row.percent, row.minutes, server.name)
    alarm(inp, server.name .. "-" .. row[1], row.to, text, {
      Namespace = row[2], MetricName = row[3], Dimensions = dimensions, Statistic = "Average",
      Period = MINUTE, EvaluationPeriods = row.minutes, Threshold = row.percent,
    })
  end
  local text = "EC2 status checks fail on " .. server.name
  return alarm(inp, server.name .. "-status", CRITICAL, text, {
    Namespace = "AWS/EC2", MetricName = "StatusCheckFailed", Dimensions = dimensions,
    Statistic = "Maximum", Period = MINUTE, EvaluationPeriods = 2, Threshold = 0,
  })
end

local function database_alarms(inp)
  local db = inp.database
  local dimensions = dimension("DBInstanceIdentifier", db.instance.DBInstanceIdentifier)
  for _, row in ipairs(DATABASE) do
    local whole = row.of and db[row.of] or 100
    local threshold = whole * row.percent // 100
    if row.free then threshold = whole * GIB * (100 - row.percent) // 100 end
    local text = ("database %s: over %d %% of %d"):format(row.of or "CPU", row.percent, whole)
    alarm(inp, "db-" .. row[1], row.to, text, {
      Namespace = "AWS/RDS", MetricName = row[2], Dimensions = dimensions, Statistic = "Average",
      Period = MINUTE, EvaluationPeriods = row.minutes, Threshold = threshold,
      ComparisonOperator = row.free and "LessThanThreshold" or nil,
    })
  end
  -- RATE is bytes per second; free space falls while data grows, hence the sign.
  alarm(inp, "db-growth", WARNING, "database grows by more than 10 GB a week", {
    EvaluationPeriods = 1, Threshold = 10,
    Metrics = {
      metric("free", "AWS/RDS", "FreeStorageSpace", dimensions, DAY, "Average"),
      { Id = "growth", Label = "GB a week", ReturnData = true,
        Expression = ("-1*RATE(free)*%d/%d"):format(WEEK, GIB) },
    },
  })
end

local function file_system_alarm(inp, short, files)
  local dimensions = dimension("FileSystemId", files.system.FileSystemId)
  local text = ("file system %s over 80 %% of its %d MiB/s"):format(short, files.throughput)
  alarm(inp, ("efs-%s-throughput"):format(short), WARNING, text, {
    EvaluationPeriods = 5, Threshold = 80,
    Metrics = {
      metric("bytes", "AWS/EFS", "MeteredIOBytes", dimensions, MINUTE, "Sum"),
      { Id = "used", Label = "% of provisioned throughput", ReturnData = true,
        Expression = ("100*bytes/%d/%d"):format(MINUTE << 20, files.throughput) },
    },
  })
end

local function balancer_alarms(inp)
  local dimensions = dimension("LoadBalancer", inp.frontend.LoadBalancerFullName)
  local namespace = "AWS/ApplicationELB"
  alarm(inp, "portal-network-errors", WARNING, "over 1 % of the portal's connections fail", {
    EvaluationPeriods = 5, Threshold = 1, TreatMissingData = "notBreaching",
    Metrics = {
      metric("requests", namespace, "RequestCount", dimensions, MINUTE, "Sum"),
      metric("lost", namespace, "TargetConnectionErrorCount", dimensions, MINUTE, "Sum"),
      { Id = "percent", Label = "% of requests", ReturnData = true,
        Expression = "100*FILL(lost,0)/requests" },
    },
  })
  local watched = {
    { "frontend", inp.frontend }, { "jump-admin", inp.frontend }, { "keystone", inp.backend },
  }
  for _, row in ipairs(watched) do
    local short, balancer = row[1], row[2]
    alarm(inp, short .. "-unhealthy", CRITICAL, "an unhealthy server behind " .. short, {
      Namespace = namespace, MetricName = "UnHealthyHostCount", Statistic = "Maximum",
      Dimensions = {
        { Name = "TargetGroup", Value = inp.target_groups[short].TargetGroupFullName },
        { Name = "LoadBalancer", Value = balancer.LoadBalancerFullName },
      },
      Period = MINUTE, EvaluationPeriods = 2, Threshold = 0, TreatMissingData = "notBreaching",
    })
  end
end

return cso.module {
  inputs = {
    name = cso.t.string,
    critical = cso.t.resource("SNS.Topic"),
    warning = cso.t.resource("SNS.Topic"),
    servers = cso.t.list(cso.t.any), -- { name =, instance = }
    database = cso.t.any, -- what the database module returned
    files = cso.t.any, -- what the storage module returned
    frontend = cso.t.resource { optional = true }, -- load balancers, with ha
    backend = cso.t.resource { optional = true },
    target_groups = cso.t.any { optional = true },
  },
  build = function(inp)
    local status = {}
    for _, server in ipairs(inp.servers) do status[server.name] = server_alarms(inp, server) end
    database_alarms(inp)
    for _, short in ipairs { "scripts", "certificates" } do
      file_system_alarm(inp, short, inp.files[short])
    end
    if inp.frontend then balancer_alarms(inp) end
    return { status = status }
  end,
}
