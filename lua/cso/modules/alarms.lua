-- The alarms of the low-level design: critical ones page, warnings are mailed.
--
-- Memory and disk come from the CloudWatch agent. Database storage alarms stand on the initial 50 GB: after RDS has
-- grown the volume they are stricter than their percentage, never laxer. "Network errors > 1 %" is read as requests
-- that the balancer could not have answered by a target, out of all requests.
local cso = require "cso"
local CloudWatch = cso.aws.CloudWatch

local GIB = 1 << 30
local MINUTE = 60

-- { short, metric, namespace, percent, minutes, severity }
local SERVER = {
  { "cpu-critical", "CPUUtilization", "AWS/EC2", 90, 5, "critical" },
  { "cpu-warning", "CPUUtilization", "AWS/EC2", 80, 10, "warning" },
  { "memory-critical", "mem_used_percent", "CWAgent", 95, 5, "critical" },
  { "memory-warning", "mem_used_percent", "CWAgent", 85, 10, "warning" },
  { "disk-critical", "disk_used_percent", "CWAgent", 95, 5, "critical" },
  { "disk-warning", "disk_used_percent", "CWAgent", 85, 5, "warning" },
}

local function alarm(inp, spec)
  local name = ("%s-%s"):format(inp.name, spec.name)
  local properties = {
    AlarmName = name, AlarmDescription = spec.description,
    ComparisonOperator = spec.below and "LessThanThreshold" or "GreaterThanThreshold",
    Threshold = spec.threshold, EvaluationPeriods = spec.periods or 1,
    TreatMissingData = spec.missing or "missing",
    AlarmActions = { inp[spec.severity] }, OKActions = { inp[spec.severity] },
  }
  if spec.metrics then
    properties.Metrics = spec.metrics
  else
    properties.MetricName, properties.Namespace = spec.metric, spec.namespace
    properties.Dimensions, properties.Period = spec.dimensions, spec.period or MINUTE
    properties.Statistic = spec.statistic or "Average"
  end
  return CloudWatch.Alarm(spec.name)(properties)
end

local function metric(id, namespace, name, dimensions, period, statistic)
  return { Id = id, ReturnData = false, MetricStat = { Period = period, Stat = statistic,
    Metric = { Namespace = namespace, MetricName = name, Dimensions = dimensions } } }
end

local function server_alarms(inp, server)
  local dimensions = { { Name = "InstanceId", Value = server.instance.InstanceId } }
  for _, row in ipairs(SERVER) do
    local short, name, namespace, percent, minutes, severity = table.unpack(row)
    alarm(inp, { name = server.name .. "-" .. short, metric = name, namespace = namespace, dimensions = dimensions,
      threshold = percent, periods = minutes, severity = severity,
      description = ("%s over %d %% for %d minutes on %s"):format(name, percent, minutes, server.name) })
  end
  return alarm(inp, { name = server.name .. "-status", metric = "StatusCheckFailed", namespace = "AWS/EC2",
    dimensions = dimensions, statistic = "Maximum", threshold = 0, periods = 2, severity = "critical",
    description = "EC2 status checks fail on " .. server.name })
end

local function database_alarms(inp)
  local db = inp.database
  local dimensions = { { Name = "DBInstanceIdentifier", Value = db.instance.DBInstanceIdentifier } }
  local function on_free(short, percent, severity)
    alarm(inp, { name = "db-storage-" .. short, metric = "FreeStorageSpace", namespace = "AWS/RDS",
      dimensions = dimensions, below = true, threshold = db.storage * GIB * (100 - percent) // 100, periods = 5,
      severity = severity, description = ("database storage over %d %% of %d GB"):format(percent, db.storage) })
  end
  on_free("warning", 80, "warning")
  on_free("critical", 90, "critical")
  local function on_connections(short, percent, severity)
    alarm(inp, { name = "db-connections-" .. short, metric = "DatabaseConnections", namespace = "AWS/RDS",
      dimensions = dimensions, threshold = db.connections * percent // 100, periods = 5, severity = severity,
      description = ("database connections over %d %% of %d"):format(percent, db.connections) })
  end
  on_connections("warning", 75, "warning")
  on_connections("critical", 90, "critical")
  for _, row in ipairs { { "warning", 80, 10 }, { "critical", 90, 5 } } do
    alarm(inp, { name = "db-cpu-" .. row[1], metric = "CPUUtilization", namespace = "AWS/RDS", dimensions = dimensions,
      threshold = row[2], periods = row[3], severity = row[1],
      description = ("database CPU over %d %% for %d minutes"):format(row[2], row[3]) })
  end
  -- Growth: RATE is bytes per second; free space falls, so the sign turns round.
  alarm(inp, { name = "db-growth", threshold = 10, severity = "warning",
    description = "database grows by more than 10 GB a week", metrics = {
      metric("free", "AWS/RDS", "FreeStorageSpace", dimensions, 86400, "Average"),
      { Id = "growth", Expression = ("-RATE(free)*604800/%d"):format(GIB), Label = "GB a week", ReturnData = true },
    } })
end

local function file_system_alarm(inp, short, files)
  local dimensions = { { Name = "FileSystemId", Value = files.system.FileSystemId } }
  alarm(inp, { name = "efs-" .. short .. "-throughput", threshold = 80, periods = 5, severity = "warning",
    description = ("%s file system over 80 %% of its %d MiB/s"):format(short, files.throughput), metrics = {
      metric("bytes", "AWS/EFS", "MeteredIOBytes", dimensions, MINUTE, "Sum"),
      { Id = "used", Label = "% of provisioned throughput", ReturnData = true,
        Expression = ("bytes/%d/%d*100"):format(MINUTE << 20, files.throughput) },
    } })
end

local function balancer_alarms(inp)
  local dimensions = { { Name = "LoadBalancer", Value = inp.frontend.LoadBalancerFullName } }
  alarm(inp, { name = "portal-network-errors", threshold = 1, periods = 5, severity = "warning",
    missing = "notBreaching", description = "over 1 % of the portal's requests reach no server", metrics = {
      metric("requests", "AWS/ApplicationELB", "RequestCount", dimensions, MINUTE, "Sum"),
      metric("lost", "AWS/ApplicationELB", "TargetConnectionErrorCount", dimensions, MINUTE, "Sum"),
      { Id = "percent", Expression = "100*FILL(lost,0)/requests", Label = "% of requests", ReturnData = true },
    } })
  local watched = { { "frontend", inp.frontend }, { "jump-admin", inp.frontend }, { "keystone", inp.backend } }
  for _, row in ipairs(watched) do
    local short, balancer = row[1], row[2]
    alarm(inp, { name = short .. "-unhealthy", metric = "UnHealthyHostCount", namespace = "AWS/ApplicationELB",
      dimensions = {
        { Name = "TargetGroup", Value = inp.target_groups[short].TargetGroupFullName },
        { Name = "LoadBalancer", Value = balancer.LoadBalancerFullName } },
      statistic = "Maximum", threshold = 0, periods = 2, severity = "critical", missing = "notBreaching",
      description = "an unhealthy server in target group " .. short })
  end
end

return cso.module {
  inputs = {
    name = cso.t.string, critical = cso.t.any, warning = cso.t.any,      -- topics
    servers = cso.t.list(cso.t.any),                         -- { name =, instance = }
    database = cso.t.any,                                    -- what the database module returned
    files = cso.t.any,                                       -- what the storage module returned
    frontend = cso.t.any { optional = true }, backend = cso.t.any { optional = true },
    target_groups = cso.t.any { optional = true },
  },
  build = function(inp)
    local status = {}
    for _, server in ipairs(inp.servers) do status[server.name] = server_alarms(inp, server) end
    database_alarms(inp)
    for _, short in ipairs { "scripts", "certificates" } do file_system_alarm(inp, short, inp.files[short]) end
    if inp.frontend then balancer_alarms(inp) end
    return { status = status }
  end,
}
