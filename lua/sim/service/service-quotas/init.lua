--- Service Quotas: what the account may have, from the simulator's own table.
return { parts = { "quota" }, statuses = { NoSuchResourceException = 400 } }
