--- What options and commands of other tools are called here: who comes from Terraform, Pulumi, CDK
--- or the AWS CLI types what the hands know. They aren't aliases; the answer teaches the name.
local elsewhere = {}

--- Option (without dashes) -> what to write here.
elsewhere.options = {
  yes = "-y, --auto-approve", force = "-y, --auto-approve", approve = "-y, --auto-approve",
  ["require-approval"] = "-y, --auto-approve",
  var = "--set KEY=VALUE", ["var-file"] = "--env FILE or --overlay FILE", parameters = "--set KEY=VALUE",
  config = "--env FILE", ["dry-run"] = "csorun plan", check = "csorun plan --detailed-exitcode",
  output = "--json", o = "--out FILE", ["no-color"] = "--color never", verbose = "--trace", debug = "--trace",
  v = "--trace", ["target-dependents"] = "--target ADDRESS", ["backend-config"] = "--state FILE|s3://BUCKET/KEY",
  stack = "--state FILE, or the playbook of that stack", ["lock-timeout"] = "csorun unlock --help",
  ["generate-config-out"] = "csorun import ADDRESS ID --out FILE", diff = "csorun plan", n = "csorun plan",
  parallelism = "nothing: how much runs at once follows what the account allows",
}

--- Command -> what to write here.
elsewhere.commands = {
  init = "nothing needs to be initialised; csorun plan PLAYBOOK", validate = "csorun plan PLAYBOOK, which checks first",
  up = "csorun apply PLAYBOOK", deploy = "csorun apply PLAYBOOK", run = "csorun apply PLAYBOOK",
  preview = "csorun plan PLAYBOOK", diff = "csorun plan PLAYBOOK", down = "csorun destroy PLAYBOOK",
  taint = "csorun apply --replace ADDRESS PLAYBOOK", refresh = "csorun apply --refresh-only PLAYBOOK",
  show = "csorun state show ADDRESS", console = "csorun alone, the REPL", synth = "csorun plan --json PLAYBOOK",
  ["force-unlock"] = "csorun unlock ID", logs = "csorun history show RUN", undo = "csorun rollback RUN",
  providers = "none are needed: every service comes along", get = "modules are found with require",
  configure = "csorun reads ~/.aws/config as the AWS CLI does; csorun whoami shows what it found",
}

return elsewhere
