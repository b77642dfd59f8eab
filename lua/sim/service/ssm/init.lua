--- Systems Manager: parameters and, in a scripted form, run command.
return {
  parts = { "parameter", "command" },
}
