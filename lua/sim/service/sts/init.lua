--- Security Token Service: the smallest service, and the pattern for the others.
return {
  parts = { "identity" },
  global = true,
}
