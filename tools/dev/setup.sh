#!/usr/bin/env bash
# install the Debian packages that building and testing need
# (python3: the scripts that run on servers use it, and specs run those scripts)
need_packages gcc libc6-dev cmake ninja-build pkg-config ca-certificates \
  liblua5.4-dev lua-luv-dev lua-filesystem-dev lua-lpeg-dev libuv1-dev \
  libcurl4-openssl-dev libssl-dev libjansson-dev libyaml-dev libexpat1-dev libsqlite3-dev zlib1g-dev \
  lua5.4 lua-busted python3
