--- AWS Backup: vaults, plans, what plans select. Nothing is ever backed up.
return {
  parts = { "vault", "plan", "selection", "tag" },
  validation = { default = "InvalidParameterValueException", missing = "MissingParameterValueException" },
}
