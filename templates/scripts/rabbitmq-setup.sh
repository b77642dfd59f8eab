#!/bin/bash
# One node of the message broker.
#   rabbitmq-setup.sh INDEX
set -euo pipefail
. "${CSO_HOME:-/opt/scripts}/lib.sh"
exec > >(tee -a /var/log/rabbitmq-setup-progress.log) 2>&1
index="$1"
name="rabbitmq-server-$index"

# The packages of the version that the environment names lie in the files bucket.
aws s3 sync --only-show-errors "$CSO_PACKAGES/rabbitmq/" /var/tmp/rabbitmq/
dnf install -y /var/tmp/rabbitmq/*.rpm

# Nodes know each other by short name.
read -r -a peers <<< "$CSO_RABBITMQ_HOSTS"
for peer in "${peers[@]}"; do
  wait_for 900 "the name of $peer" getent hosts "$(host "$peer")"
  sed -i "/ $peer\$/d" /etc/hosts
  printf '%s %s\n' "$(getent hosts "$(host "$peer")" | awk '{ print $1; exit }')" "$peer" >> /etc/hosts
done

# The cookie has to be there before the node's first start.
install -o rabbitmq -g rabbitmq -m 0400 "$CSO_HOME/rabbitmq-cluster/erlang.cookie" \
  /var/lib/rabbitmq/.erlang.cookie
install -o rabbitmq -g rabbitmq -m 0640 "$CSO_HOME/etc/$name/rabbitmq.conf" /etc/rabbitmq/rabbitmq.conf
rabbitmq-plugins enable --offline rabbitmq_management
systemctl enable --now rabbitmq-server
wait_for 300 "the broker" rabbitmqctl await_startup

[ "$index" -eq 1 ] || exit 0
rabbitmqctl list_vhosts --quiet --no-table-headers | grep -qx ssp || rabbitmqctl add_vhost ssp
verb=add_user
rabbitmqctl list_users --quiet --no-table-headers | grep -q '^ssp_user[[:space:]]' && verb=change_password
# The password is read from standard input, so that `ps` does not show it.
secret rabbitmq | rabbitmqctl "$verb" ssp_user
rabbitmqctl set_user_tags ssp_user monitoring
rabbitmqctl set_permissions -p ssp ssp_user '.*' '.*' '.*'
rabbitmqctl delete_user guest || true
if [ "$CSO_QUEUE_POLICY" = mirrored ]; then
  rabbitmqctl set_policy -p ssp ha-all ".*" '{"ha-mode":"all"}' --priority 0 --apply-to queues
else
  # RabbitMQ 4 knows no mirrored classic queues; quorum queues are its replicated kind.
  rabbitmqctl update_vhost_metadata ssp --default-queue-type quorum
fi
