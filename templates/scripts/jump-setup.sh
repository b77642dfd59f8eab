#!/bin/bash
# The jump server: database schema, the timer that keeps the file systems current, the admin page.
#   jump-setup.sh INDEX
set -euo pipefail
. "${CSO_HOME:-/opt/scripts}/lib.sh"
say "jump server $1"

dnf install -y mariadb105 python3-pip
ensure_user cso

# Database: the schema is safe to run again. Passwords travel in files that only root can read.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
umask 077
cp "$CSO_HOME/etc/schema.sql" "$work/schema.sql"
fill "$work/schema.sql" KEYSTONE_DB_PASSWORD=keystone-db CSO_DB_PASSWORD=cso-db
printf '[client]\nhost=mysql.%s\nuser=admin\npassword=%s\nssl=1\n' "$CSO_ZONE" "$(secret db-master)" \
  > "$work/my.cnf"
wait_for 2700 "the database" mysql --defaults-extra-file="$work/my.cnf" -e "SELECT 1"
mysql --defaults-extra-file="$work/my.cnf" < "$work/schema.sql"
say "databases and users are there"

# Keep the file systems in step with the bucket.
umask 022
cat > /etc/systemd/system/efs-s3-sync.service <<UNIT
[Unit]
Description=Copy scripts and certificates from S3 to EFS
[Service]
Type=oneshot
Environment=CSO_BUCKET=$CSO_BUCKET
ExecStart=/bin/bash /opt/scripts/efs-s3-sync.sh
UNIT
cat > /etc/systemd/system/efs-s3-sync.timer <<UNIT
[Unit]
Description=Copy scripts and certificates from S3 to EFS every five minutes
[Timer]
OnUnitActiveSec=5min
OnBootSec=5min
[Install]
WantedBy=timers.target
UNIT

# The admin page.
mkdir -p /opt/jump-admin/templates /etc/cso
install -m 0644 "$CSO_HOME/jump-admin/app.py" /opt/jump-admin/app.py
install -m 0644 "$CSO_HOME/jump-admin/templates/dashboard.html" /opt/jump-admin/templates/dashboard.html
[ -x /opt/jump-admin/venv/bin/python ] || python3 -m venv /opt/jump-admin/venv
/opt/jump-admin/venv/bin/pip install --quiet flask gunicorn requests
(
  umask 077
  {
    printf 'CSO_ZONE=%s\n' "$CSO_ZONE"
    printf 'CSO_KEYSTONE_HOSTS=%s\n' "$CSO_KEYSTONE_HOSTS"
    printf 'CSO_RABBITMQ_HOSTS=%s\n' "$CSO_RABBITMQ_HOSTS"
    printf 'CSO_CA=%s/ca/ca.crt\n' "$CSO_CERTS"
    printf 'CSO_RABBITMQ_USER=ssp_user\n'
    printf 'CSO_RABBITMQ_PASSWORD=%s\n' "$(secret rabbitmq)"
  } > /etc/cso/jump-admin.env
)
install -m 0644 "$CSO_HOME/jump-admin.service" /etc/systemd/system/jump-admin.service
systemctl daemon-reload
systemctl enable --now efs-s3-sync.timer jump-admin.service
