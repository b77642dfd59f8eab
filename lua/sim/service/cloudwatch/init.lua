--- CloudWatch: alarms, metrics that somebody puts, dashboards.
return {
  parts = { "alarm", "metric", "dashboard" },
  arn = "cloudwatch",
  validation = { default = "ValidationError" },
}
