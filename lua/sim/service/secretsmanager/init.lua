--- Secrets Manager.
return {
  parts = { "secret" },
  -- The token is the version's id: repeating it with the same content is no new version.
  tokens = { CreateSecret = false, UpdateSecret = false, PutSecretValue = false, RotateSecret = false },
}
