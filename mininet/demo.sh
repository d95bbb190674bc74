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
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  stop "this is Node $(node --version); Throwbar needs Node 20.19 or newer"

sh mininet/install.sh || stop 'Open vSwitch and Mininet could not be installed'

installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
  echo 'installing npm packages and building; this takes a minute'
  npm ci --include=dev --no-audit --no-fund --loglevel=error || stop 'npm packages could not be installed'
fi

if [ ! -e dist/.tsbuildinfo ] || [ ! -e codecs/openflow/dist/index.js ] ||
  [ -n "$(find src codecs tsconfig.json package-lock.json -name node_modules -prune -o -name dist -prune -o -type f -newer dist/.tsbuildinfo -print | head -n 1)" ]; then
  echo 'building'
  node_modules/.bin/tsc -b || stop 'the sources do not compile'
  touch dist/.tsbuildinfo # also when the compiler had nothing to write
fi

exec /usr/bin/python3 mininet/demo.py "$@"
