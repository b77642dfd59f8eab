--- The commands, in the order in which the help shows them, by group.
--- A command is a file of this directory; adding one means adding its name here.
return {
  { "Ask AWS", "exec" },
  { "Know AWS", "models" },
  { "About", "version", "completion" },
}
