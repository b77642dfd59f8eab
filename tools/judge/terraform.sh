#!/usr/bin/env bash
# Lets Terraform and its AWS provider build, read and remove a small network on the simulator.
# Skipped, and said to be, where there is no terraform or no local mirror of the provider.
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skip   terraform: $*"; exit 0; }
command -v terraform >/dev/null || skip "not installed"
provider=$(find / -xdev -maxdepth 7 -type d -path '*/registry.terraform.io/hashicorp/aws' 2>/dev/null | head -1)
[ -n "$provider" ] || skip "no filesystem mirror of its AWS provider on this machine"
mirror=${provider%/registry.terraform.io/hashicorp/aws}

csorun=$PWD/build/csorun
work=$(mktemp -d)
build/csorun sim --json --access-key AKIDEXAMPLE --secret-key judge-secret > "$work/sim" 2>&1 &
simulator=$!
trap 'kill "$simulator" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 50); do
  grep -q url "$work/sim" && break
  sleep 0.1
done
url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$work/sim" | head -1)

cat > "$work/rc" <<WORDS
provider_installation {
  filesystem_mirror {
    path    = "$mirror"
    include = ["registry.terraform.io/hashicorp/*"]
  }
}
WORDS
sed "s|@URL@|$url|g" tools/judge/terraform.tf > "$work/main.tf"
export TF_CLI_CONFIG_FILE=$work/rc TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1
cd "$work"

failed=0
step() { # LABEL EXPECTED-STATUS COMMAND…
  local label=$1 expected=$2 status=0
  shift 2
  "$@" > said 2>&1 < /dev/null || status=$?
  if [ "$status" = "$expected" ]; then
    echo "ok     terraform: $label"
  else
    echo "FAIL   terraform: $label (status $status)"
    grep -v '^ *$' said | tail -25 | sed 's/^/         /'
    failed=1
  fi
}
step "takes the configuration" 0 terraform init -no-color
step "plans" 2 terraform plan -no-color -detailed-exitcode
step "applies" 0 terraform apply -no-color -auto-approve
step "then finds nothing to do" 0 terraform plan -no-color -detailed-exitcode
step "changes a description and a tag" 0 terraform apply -no-color -auto-approve -var note=changed
step "then finds nothing to do" 0 terraform plan -no-color -detailed-exitcode -var note=changed
# What Terraform made and remembers is taken over by csorun, which then has nothing to do.
own() {
  env AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=judge-secret AWS_REGION=eu-west-2 AWS_ENDPOINT_URL="$url" \
    AWS_EC2_METADATA_DISABLED=true "$csorun" "$@"
}
step "its state is imported" 0 own import --from terraform.tfstate --out imported.lua --auto-approve
step "then csorun finds nothing to do" 0 own plan imported.lua --detailed-exitcode
step "destroys" 0 terraform destroy -no-color -auto-approve
exit "$failed"
