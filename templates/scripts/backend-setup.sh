#!/bin/bash
# A backend server: the portal's services, one unit and one port each.
#   backend-setup.sh INDEX
set -euo pipefail
. "${CSO_HOME:-/opt/scripts}/lib.sh"
say "backend server $1"

wait_for 2700 "the identity service" \
  curl -fsS --cacert "$CSO_CERTS/ca/ca.crt" "https://identity.$CSO_ZONE:5000/api/idm/v3"
ensure_user cso
install -m 0644 "$CSO_HOME/cso@.service" /etc/systemd/system/cso@.service
systemctl daemon-reload
mkdir -p /etc/cso

read -r -a services <<< "$CSO_SERVICES"
share=$((CSO_BACKEND_HEAP_MB / ${#services[@]}))
for pair in "${services[@]}"; do
  service="${pair%%:*}" port="${pair#*:}"
  mkdir -p "/opt/cso/$service"
  aws s3 sync --only-show-errors "$CSO_PACKAGES/backend/$service/" "/opt/cso/$service/"
  (
    umask 077
    {
      printf 'CSO_HEAP_MB=%s\nCSO_PORT=%s\n' "$share" "$port"
      printf 'CSO_IDENTITY=https://identity.%s:5000\n' "$CSO_ZONE"
      printf 'CSO_DB_URL=jdbc:mysql://mysql.%s:3306/cso_portal\nCSO_DB_USER=cso_user\n' "$CSO_ZONE"
      printf 'CSO_DB_PASSWORD=%s\n' "$(secret cso-db)"
      printf 'CSO_MQ_HOST=mq.%s\nCSO_MQ_VHOST=ssp\nCSO_MQ_USER=ssp_user\n' "$CSO_ZONE"
      printf 'CSO_MQ_PASSWORD=%s\n' "$(secret rabbitmq)"
    } > "/etc/cso/$service.env"
  )
  chown -R cso: "/opt/cso/$service"
  systemctl enable --now "cso@$service"
done
