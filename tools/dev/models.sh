#!/usr/bin/env bash
# refresh vendor/ from Debian sid's botocore and npm's CloudFormation database
# Debian's mirror is taken from this machine's apt, npm's from its npm. Nothing is installed: the
# packages are unpacked under .cache/models.
. tools/dev/build.sh >&2
spec_version=${1:-latest}
cache=$PWD/.cache/models
rm -rf "$cache/root" "$cache/botocore" "$cache/package"
mkdir -p "$cache/root/lists/partial" "$cache/root/archives/partial" "$cache/botocore"
: > "$cache/root/status"

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/*$')
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keyring] $mirror sid main" > "$cache/root/sources.list"
apt_sid() {
  apt-get -qq -o Dir::Etc::SourceList="$cache/root/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$cache/root/lists" -o Dir::State::status="$cache/root/status" \
    -o Dir::Cache="$cache/root" -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false "$@"
}
say "python3-botocore from sid"
apt_sid update
(cd "$cache/root" && apt_sid download python3-botocore)
dpkg-deb -x "$cache"/root/python3-botocore_*.deb "$cache/botocore"

say "@aws-cdk/aws-service-spec $spec_version"
(cd "$cache" && npm pack --silent "@aws-cdk/aws-service-spec@$spec_version" >/dev/null)
archive=$(ls -t "$cache"/aws-cdk-aws-service-spec-*.tgz | head -1)
tar -xzf "$archive" -C "$cache"

CSORUN_LUA=$PWD/lua build/csorun models import --prune --out vendor \
  --archive "$(ls "$cache"/root/python3-botocore_*.deb)" --archive "$archive" \
  "$cache/botocore" "$cache/package/db.json.gz"
