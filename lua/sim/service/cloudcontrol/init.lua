--- Cloud Control: create, read, update, delete and list over every type of the catalogue.
return {
  parts = { "resource", "request" },
  mismatch = "ClientTokenConflictException",
  -- The token of a request is for 36 hours.
  token_life = 36 * 3600,
}
