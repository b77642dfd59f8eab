--- Cognito user pools: pools, clients, domains, groups and users.
return {
  parts = { "pool", "client", "domain", "directory" },
  validation = { default = "InvalidParameterException", missing = "InvalidParameterException" },
}
