#!/usr/bin/env bash
# deploy the portal to the simulated account: ./dev demo [csorun options]
# Everything it makes lies in build/demo: the account, the state. A second run finds both and has
# nothing to do; rm -r build/demo (or --sim-fresh) starts anew.
. tools/dev/build.sh >&2
playbook=$PWD/playbooks/prod-ha.lua
mkdir -p build/demo
cd build/demo
# Fifty times faster than AWS: the database's twelve minutes become fifteen seconds.
options=(--sim-latency realistic --sim-speed 50)
say "csorun --sim playbooks/prod-ha.lua: plan, apply, outputs"
status=0
../csorun apply "$playbook" --sim "${options[@]}" --auto-approve "$@" < /dev/null || status=$?
if [ "$status" = 0 ]; then
  say "now try, in build/demo:"
  cat >&2 <<'WORDS'
      ../csorun --sim plan ../../playbooks/prod-ha.lua                     No changes
      ../csorun --sim plan ../../playbooks/prod-ha.lua --set database.backup_window=01:00-02:00
      ../csorun --sim state list
      ../csorun --sim exec ec2.DescribeVpcs --query 'Vpcs[].CidrBlock'
      ../csorun --sim destroy ../../playbooks/prod-ha.lua
WORDS
fi
exit "$status"
