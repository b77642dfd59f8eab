--- CloudWatch Logs: groups, streams, events, filters.
return {
  parts = { "group", "stream", "filter" },
  validation = { default = "InvalidParameterException", missing = "InvalidParameterException" },
}
