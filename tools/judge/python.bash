# Finds or makes a Python that has moto and boto3. Sourced by ./dev judge; sets JUDGE_PYTHON.
#
# A python3 on PATH that has both is used as it is. Otherwise Debian's newest moto and botocore are
# unpacked under .cache/judge, upon the libraries of the installed Debian: nothing of a newer suite
# is installed. The mirror is the one that apt uses here; packages are kept by their checksum, so
# that another run needs no network and judges with the same moto.

judge_python_works() { "$@" -c 'import boto3, moto.server' >/dev/null 2>&1; }

# Fetches the packages of a newer suite that are the same for every architecture.
judge_fetch() { # DIRECTORY PACKAGE…
  local dir=$1 mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  shift
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/*$') ||
    { say "apt knows no Debian mirror"; return 1; }
  mkdir -p "$dir/lists/partial" "$dir/archives/partial"
  : > "$dir/status"
  echo "deb [signed-by=$keyring] $mirror sid main" > "$dir/sources.list"
  local apt=(apt-get -qq -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$dir/lists" -o Dir::State::status="$dir/status" -o Dir::Cache="$dir"
    -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$dir" && rm -f ./*.deb && "${apt[@]}" download "$@" && sha256sum ./*.deb > checksums)
}

judge_debian_python() {
  local dir=$PWD/.cache/judge deb
  need_packages python3 python3-cryptography python3-flask python3-flask-cors python3-requests \
    python3-responses python3-werkzeug python3-xmltodict python3-yaml python3-jmespath \
    python3-dateutil python3-docker python3-jsondiff python3-pyparsing python3-urllib3
  if ! (cd "$dir" 2>/dev/null && sha256sum --status -c checksums 2>/dev/null); then
    say "moto and boto3 from Debian"
    judge_fetch "$dir" python3-moto python3-boto3 python3-botocore python3-s3transfer \
      python3-joserfc python3-antlr4 python3-graphql-core python3-jsonpath-ng python3-ply || return 1
  fi
  if [ ! -e "$dir/python/complete" ] || [ "$dir/checksums" -nt "$dir/python/complete" ]; then
    rm -rf "$dir/python" "$dir/unpacked"
    mkdir -p "$dir/python"
    for deb in "$dir"/*.deb; do
      rm -rf "$dir/unpacked"
      dpkg-deb -x "$deb" "$dir/unpacked"
      cp -r "$dir/unpacked/usr/lib/python3/dist-packages/." "$dir/python/"
    done
    rm -rf "$dir/unpacked"
    # moto's server imports it for the import of OpenAPI documents, which nothing here does.
    mkdir -p "$dir/python/openapi_spec_validator"
    printf 'class OpenAPIV30SpecValidator:\n    pass\n\n\ndef validate(*_args, **_more):\n    pass\n\n\nvalidate_spec = validate\n' \
      > "$dir/python/openapi_spec_validator/__init__.py"
    touch "$dir/python/complete"
  fi
  export PYTHONPATH=$dir/python
  JUDGE_PYTHON=/usr/bin/python3
  judge_python_works "$JUDGE_PYTHON" && return 0
  say "moto does not start from Debian's packages:"
  "$JUDGE_PYTHON" -c 'import boto3, moto.server' >&2 || true
  return 1
}

# Sets JUDGE_PYTHON; fails when there is no way to moto and boto3.
judge_python() {
  if [ -z "${CSORUN_JUDGE_DEBIAN:-}" ] && command -v python3 >/dev/null && judge_python_works python3; then
    JUDGE_PYTHON=python3
  else
    judge_debian_python
  fi
}
