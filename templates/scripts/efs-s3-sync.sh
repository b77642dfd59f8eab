#!/bin/bash
# Jump server: S3 → the shared file systems. Run at first boot and every five minutes by a timer.
#   CSO_BUCKET=name efs-s3-sync.sh
set -euo pipefail
: "${CSO_BUCKET:?set CSO_BUCKET to the files bucket}"
exec > >(tee -a /var/log/efs-s3-sync.log) 2>&1

aws s3 sync --only-show-errors "s3://$CSO_BUCKET/scripts/" /opt/scripts/
aws s3 sync --only-show-errors "s3://$CSO_BUCKET/etc/" /opt/scripts/etc/
aws s3 sync --only-show-errors "s3://$CSO_BUCKET/ssl-certs/" /opt/ssl-certs/
chmod 0755 /opt/scripts/*.sh

# Private keys never lie in the bucket: each comes straight from Secrets Manager.
# shellcheck source=lib.sh
. /opt/scripts/lib.sh
for name in $CSO_JUMP_HOSTS $CSO_KEYSTONE_HOSTS $CSO_RABBITMQ_HOSTS $CSO_FRONTEND_HOSTS $CSO_BACKEND_HOSTS; do
  mkdir -p "/opt/ssl-certs/$name"
  key="/opt/ssl-certs/$name/server.key"
  (umask 077 && secret "tls/$name" > "$key.new")
  mv "$key.new" "$key"
done

# One cookie makes the broker's nodes a cluster.
mkdir -p /opt/scripts/rabbitmq-cluster
(umask 077 && secret erlang-cookie > /opt/scripts/rabbitmq-cluster/erlang.cookie.new)
mv /opt/scripts/rabbitmq-cluster/erlang.cookie.new /opt/scripts/rabbitmq-cluster/erlang.cookie

date -u +%FT%TZ > /opt/scripts/.populated
say "file systems populated from s3://$CSO_BUCKET"
