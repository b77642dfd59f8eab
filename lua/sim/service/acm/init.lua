--- Certificate Manager.
return {
  parts = { "certificate" },
  tokens = { RequestCertificate = "IdempotencyToken" },
  token_life = 3600,
}
