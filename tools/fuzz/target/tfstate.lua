-- Terraform's state files, which import reads.
local state = require "cso.import.terraform.state"

return function(shared)
  return function(text) shared.outcome(state.read("terraform.tfstate", text)) end
end
