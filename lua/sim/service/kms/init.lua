--- Key Management Service: keys, aliases, and enough of the data plane to round-trip.
return {
  parts = { "key", "alias", "crypto" },
  statuses = { NotFoundException = 400, AlreadyExistsException = 400 },
}
