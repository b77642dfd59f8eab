#!/bin/bash
# A web frontend: nginx on 8102 before the management interface (8080) and the portal (8202).
#   frontend-setup.sh INDEX
set -euo pipefail
. "${CSO_HOME:-/opt/scripts}/lib.sh"
index="$1"
name="frontend-server-$index"

wait_for 2700 "the identity service" \
  curl -fsS --cacert "$CSO_CERTS/ca/ca.crt" "https://identity.$CSO_ZONE:5000/api/idm/v3"
dnf install -y nginx
ensure_user cso
install -m 0644 "$CSO_HOME/cso@.service" /etc/systemd/system/cso@.service
systemctl daemon-reload

for pair in management:8080 portal:8202; do
  service="${pair%%:*}" port="${pair#*:}"
  mkdir -p "/opt/cso/$service" /etc/cso
  aws s3 sync --only-show-errors "$CSO_PACKAGES/frontend/$service/" "/opt/cso/$service/"
  printf 'CSO_HEAP_MB=%s\nCSO_PORT=%s\nCSO_API=http://api.%s\nCSO_IDENTITY=https://identity.%s:5000\n' \
    "$((CSO_FRONTEND_HEAP_MB / 2))" "$port" "$CSO_ZONE" "$CSO_ZONE" > "/etc/cso/$service.env"
  chown -R cso: "/opt/cso/$service"
  systemctl enable --now "cso@$service"
done

install -m 0644 "$CSO_HOME/etc/$name/nginx.conf" /etc/nginx/conf.d/cso.conf
nginx -t
systemctl enable --now nginx
systemctl reload nginx
wait_for 300 "nginx" curl -fsS http://localhost:8102/health
