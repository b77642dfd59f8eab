--- csorun completion bash|fish|zsh|man
return {
  name = "completion",
  help = "Print the completion script of a shell, or the manual page",
  args = { { name = "SHELL", choices = { "bash", "fish", "zsh", "man" } } },
  text = table.concat({
    "bash:  source <(csorun completion bash)",
    "zsh:   csorun completion zsh > \"${fpath[1]}/_csorun\"",
    "fish:  csorun completion fish > ~/.config/fish/completions/csorun.fish",
    "man:   csorun completion man > ~/.local/share/man/man1/csorun.1",
  }, "\n"),
  run = function(_, args, ctx)
    local registry = require "cso.cmd.registry"
    local shell = require("cso.cmd.shell." .. args[1])
    ctx.out(shell(registry.all(), require "cso.cmd.globals"))
    return 0
  end,
}
