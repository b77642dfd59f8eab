--- AWS Backup: vaults, plans, selections. Nothing is ever backed up here.
return {
  parts = { "vault", "plan", "selection", "tag" },
  tokens = { CreateBackupVault = "CreatorRequestId", CreateBackupPlan = "CreatorRequestId",
    CreateBackupSelection = "CreatorRequestId" },
  mismatch = "AlreadyExistsException",
  validation = { default = "InvalidParameterValueException", missing = "MissingParameterValueException" },
}
