--- csorun completion bash|zsh|fish
return {
  name = "completion",
  help = "Print the completion script of a shell",
  args = { { name = "SHELL", choices = { "bash", "fish", "zsh" } } },
  text = table.concat({
    "bash:  source <(csorun completion bash)",
    "zsh:   csorun completion zsh > \"${fpath[1]}/_csorun\"",
    "fish:  csorun completion fish > ~/.config/fish/completions/csorun.fish",
  }, "\n"),
  run = function(_, args, ctx)
    local registry = require "cso.cmd.registry"
    local shell = require("cso.cmd.shell." .. args[1])
    ctx.out(shell(registry.all(), require "cso.cmd.globals"))
    return 0
  end,
}
