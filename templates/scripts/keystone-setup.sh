#!/bin/bash
# Keystone behind Apache on port 5000.
#   keystone-setup.sh INDEX
set -euo pipefail
. "${CSO_HOME:-/opt/scripts}/lib.sh"
exec > >(tee -a /var/log/keystone-setup-progress.log) 2>&1
index="$1"
name="$(printf 'keystone%02d' "$index")"
shared=/etc/keystone/fernet-keys-shared

dnf install -y httpd mod_ssl python3-mod_wsgi python3-pip python3-devel gcc
id -u keystone >/dev/null 2>&1 || useradd --system --home-dir /var/lib/keystone --create-home keystone
[ -x /opt/keystone-venv/bin/python3.9 ] || python3.9 -m venv /opt/keystone-venv
/opt/keystone-venv/bin/pip install --quiet "keystone>=22,<26" PyMySQL python-openstackclient
install -m 0755 /opt/keystone-venv/bin/keystone-wsgi-public /usr/local/bin/keystone-wsgi-public

install -d -o keystone -g keystone -m 0750 /etc/keystone /var/log/keystone
install -o keystone -g keystone -m 0600 "$CSO_HOME/etc/keystone.conf" /etc/keystone/keystone.conf
fill /etc/keystone/keystone.conf KEYSTONE_DB_PASSWORD=keystone-db RABBITMQ_PASSWORD=rabbitmq

# Both servers must hold the same keys. The first one makes them, on the shared file system.
mkdir -p "$CSO_HOME/keystone/fernet-keys" "$CSO_HOME/keystone/credential-keys"
ln -sfn "$CSO_HOME/keystone/fernet-keys" "$shared"
ln -sfn "$shared" /etc/keystone/fernet-keys
ln -sfn "$CSO_HOME/keystone/credential-keys" /etc/keystone/credential-keys
keystone_manage() { /opt/keystone-venv/bin/keystone-manage --config-file /etc/keystone/keystone.conf "$@"; }
database_answers() { keystone_manage db_version; }
wait_for 2700 "the keystone database" database_answers
if [ "$index" -eq 1 ]; then
  [ -e "$shared/0" ] || keystone_manage fernet_setup
  [ -e /etc/keystone/credential-keys/0 ] || keystone_manage credential_setup
  keystone_manage db_sync
  OS_BOOTSTRAP_PASSWORD="$(secret keystone-admin)"
  export OS_BOOTSTRAP_PASSWORD
  keystone_manage bootstrap --bootstrap-region-id "$CSO_REGION" \
    --bootstrap-public-url "https://identity.$CSO_ZONE:5000/v3" \
    --bootstrap-internal-url "https://identity.$CSO_ZONE:5000/v3"
  date -u +%FT%TZ > "$CSO_HOME/keystone/.bootstrapped"
else
  wait_for 1800 "the first keystone server" test -e "$CSO_HOME/keystone/.bootstrapped"
fi

install -m 0644 "$CSO_HOME/etc/$name/keystone-vhost.conf" /etc/httpd/conf.d/keystone.conf
# The stock TLS host would want a certificate on 443.
rm -f /etc/httpd/conf.d/ssl.conf
httpd -t
systemctl enable --now httpd
systemctl reload httpd
wait_for 300 "keystone" curl -fsS --cacert "$CSO_CERTS/ca/ca.crt" "https://$(host "$name"):5000/api/idm/v3"
