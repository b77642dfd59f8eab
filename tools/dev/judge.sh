#!/usr/bin/env bash
# let implementations that are not ours judge: moto, boto3, the AWS CLI, Terraform: ./dev judge [parts]
# A part is a file or two of tools/judge. It prints a line for each thing it judged, beginning with
# "ok", "FAIL" or "skip"; it has fifteen minutes. moto and boto3 are fetched when they are missing and may not be skipped.
. tools/dev/build.sh >&2
. tools/judge/python.bash

# Parts: name, then the command.
parts=(
  "moto       \$JUDGE_PYTHON tools/judge/portal_on_moto.py"
  "kill       \$JUDGE_PYTHON tools/judge/kill_on_moto.py --to 0.008"
  "faults     \$JUDGE_PYTHON tools/judge/faults_on_moto.py"
  "gone       \$JUDGE_PYTHON tools/judge/disappears_on_moto.py --every 5"
  "lives      tools/judge/lives.sh"
  "simulator  \$JUDGE_PYTHON tools/judge/simulator.py"
  "platform   \$JUDGE_PYTHON tools/judge/simulator_platform.py"
  "described  \$JUDGE_PYTHON tools/judge/described.py"
  "terraform  tools/judge/terraform.sh"
  "client     tools/judge/client.sh acm backup cloudcontrol cloudwatch cognito-idp dynamodb ec2 efs elbv2 iam kms lambda logs rds route53 s3 secretsmanager sns sqs ssm sts"
  "signing    \$JUDGE_PYTHON tools/judge/signing.py"
  "import     tools/judge/import.sh"
  "config     tools/judge/config.sh"
  "states     tools/judge/states.sh"
  "shared     \$JUDGE_PYTHON tools/judge/shared_states.py"
)

judge_python || { echo "no way to moto and boto3: nothing can be judged" >&2; exit 1; }
say "$("$JUDGE_PYTHON" -c 'import sys, moto, boto3, botocore
print("python %s, moto %s, boto3 %s, botocore %s" % (sys.version.split()[0], moto.__version__, boto3.__version__, botocore.__version__))')"
command -v aws >/dev/null || say "no AWS CLI here: it is not among the judges"
command -v terraform >/dev/null || say "no terraform here: it is not among the judges"
export JUDGE_PYTHON PYTHON=$JUDGE_PYTHON PYTHONDONTWRITEBYTECODE=1
unset AWS_PROFILE AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true

passed=0 failed=0
heard=$(mktemp)
trap 'rm -f "$heard"' EXIT
for part in "${parts[@]}"; do
  read -r name command <<<"$part"
  [ $# = 0 ] || [[ " $* " = *" $name "* ]] || continue
  say "judge: $name"
  began=$SECONDS status=0
  # shellcheck disable=SC2086  # a command of several words
  eval "timeout 900 $command" < /dev/null 2>&1 | tee "$heard" || status=$?
  ok=$(grep -c '^ok ' "$heard" || true) bad=$(grep -c '^FAIL' "$heard" || true)
  # A part that ends badly without a word about it, and one that judged nothing.
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then
    bad=1
    echo "FAIL   $name ended with $status"
  elif [ "$status" = 0 ] && [ "$ok" = 0 ] && ! grep -q '^skip' "$heard"; then
    ok=1
  fi
  passed=$((passed + ok)) failed=$((failed + bad))
  say "judge: $name took $((SECONDS - began)) s"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
