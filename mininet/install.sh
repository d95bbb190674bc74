#!/bin/sh
# Installs what the lab needs on Debian or Ubuntu, if anything is missing; quick and silent when all is there.
# It starts and stops no service: a system Open vSwitch, where Debian starts one, is left as it is.
set -eu

packages='openvswitch-switch openvswitch-common mininet python3 python3-yaml tcpdump iproute2 iputils-ping ethtool
iperf3 net-tools procps util-linux kmod openssl'

missing=''
for package in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "mininet/install.sh: this needs apt (Debian, Ubuntu); elsewhere install by hand:$missing" >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    echo "mininet/install.sh: run as root to install:$missing" >&2
    exit 1
  fi
  echo "installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  # shellcheck disable=SC2086 # a list on purpose
  apt-get install -y -q --no-install-recommends $missing
fi

if ! /usr/bin/python3 -c 'import mininet.net, yaml' 2>/dev/null; then
  echo 'mininet/install.sh: /usr/bin/python3 cannot import mininet and yaml; reinstall the packages mininet and python3-yaml' >&2
  exit 1
fi
