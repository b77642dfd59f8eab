#!/bin/bash
# Sets up one server of the portal; safe to run again.
#   unified-server-setup.sh ENVIRONMENT jump|keystone|rabbitmq|frontend|backend INDEX
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: $0 ENVIRONMENT TYPE INDEX" >&2; exit 2; }
environment="$1" type="$2" index="$3"

. "${CSO_HOME:-/opt/scripts}/lib.sh"
[ "$environment" = "$CSO_ENVIRONMENT" ] ||
  die "this file system belongs to $CSO_ENVIRONMENT, not to $environment"
case "$type" in
  jump | keystone | rabbitmq | frontend | backend) ;;
  *) die "unknown server type $type: jump, keystone, rabbitmq, frontend or backend" ;;
esac
[[ "$index" =~ ^[1-9][0-9]*$ ]] || die "the index is a number from 1, got $index"

say "setting up $type $index of $environment"
install -m 0644 "$CSO_CERTS/ca/ca.crt" /etc/pki/ca-trust/source/anchors/cso-root-ca.crt
update-ca-trust extract
bash "$CSO_HOME/$type-setup.sh" "$index"
say "$type $index is set up"
