#!/bin/sh
# `npm run demo`: installs what is missing (Debian packages, npm packages, the build), then shows the network working.
# Options and the topology file go to demo.py, which says what they are: npm run demo -- --help
set -eu
cd "$(dirname "$0")/.."

stop() {
  printf 'demo: %s\n' "$1" >&2
  exit 1
}

case " $* " in
*' --help '* | *' -h '*) [ ! -x /usr/bin/python3 ] || exec /usr/bin/python3 mininet/demo.py "$@" ;;
esac

[ "$(id -u)" = 0 ] || stop 'run it as root: it makes network namespaces and devices. For example: sudo npm run demo'
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  stop 'this machine is not Debian or Ubuntu; the demo takes Open vSwitch and Mininet from their packages'
command -v node >/dev/null || stop 'Node is not installed, or not in the PATH of root; Throwbar needs Node 20.19 or newer'

sh mininet/install.sh || stop 'Open vSwitch and Mininet could not be installed'

node .config/prepare.mjs

exec /usr/bin/python3 mininet/demo.py "$@"
