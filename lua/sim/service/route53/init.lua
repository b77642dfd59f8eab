--- Route 53: hosted zones, record sets, changes that spread, health checks.
return {
  parts = { "zone", "record", "healthcheck", "tag" },
  global = true,
  -- CallerReference is compared by the handlers: the same one again is a conflict, not a repeat.
  tokens = { CreateHostedZone = false, CreateHealthCheck = false },
}
