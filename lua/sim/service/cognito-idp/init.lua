--- Cognito user pools: pools, app clients, domains, groups and users as an administrator sees them.
return {
  parts = { "pool", "client", "domain", "group", "tag" },
  arn = "cognito-idp",
  validation = { default = "InvalidParameterException" },
}
