--- The commands, in the order in which the help shows them, by group.
--- A command is a file of this directory; adding one means adding its name here.
return {
  { "Build", "plan", "apply", "destroy", "output", "graph" },
  { "Remember", "state", "import", "drift", "history", "rollback", "unlock", "audit" },
  { "Ask AWS", "exec", "presign", "token", "s3", "repl", "login", "whoami" },
  { "Know AWS", "doc", "types", "models", "policy", "sim" },
  { "About", "version", "completion" },
}
