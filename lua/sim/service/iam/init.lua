--- Identity and Access Management: one store for all regions.
return {
  parts = { "role", "policy", "profile", "user", "provider" },
  global = true,
  statuses = { NoSuchEntity = 404, EntityAlreadyExists = 409, DeleteConflict = 409, LimitExceeded = 409 },
}
