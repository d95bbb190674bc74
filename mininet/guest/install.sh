#!/bin/sh
# Makes a virtual machine to start with QEMU: DIRECTORY/vmlinuz, a kernel of the distribution's that is unpacked and not
# installed, and DIRECTORY/initramfs.gz, busybox and `init`. Installs QEMU if it is missing; quick and silent when all is there.
set -eu
directory=${1:?usage: mininet/guest/install.sh DIRECTORY}
here=$(dirname "$(readlink -f "$0")")

missing=''
for package in qemu-system-x86 busybox-static; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
recipe=$(cat "$here/install.sh" "$here/init" | sha256sum)
if [ -z "$missing" ] && [ "$(cat "$directory/recipe" 2>/dev/null || true)" = "$recipe" ]; then exit 0; fi

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "mininet/guest/install.sh: this needs apt (Debian, Ubuntu) and root" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
if [ -n "$missing" ]; then
  echo "installing:$missing"
  # shellcheck disable=SC2086 # a list on purpose
  apt-get install -y -q --no-install-recommends $missing
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# The package of that name only depends on the kernel that is current.
kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9]\)/\1/p' | head -n 1)
(cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$kernel" && dpkg-deb -x "$kernel"_*.deb kernel)

root=$work/root
mkdir -p "$root/bin" "$root/modules" "$root/dev" "$root/proc" "$root/sys" "$root/tmp"
cp /bin/busybox "$root/bin/busybox"
cp "$here/init" "$root/init"
chmod 755 "$root/init"
# In the order in which they need each other; what is built into the kernel is no file.
order=10
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net; do
  found=$(find "$work/kernel" -name "$module.ko" | head -n 1)
  [ -z "$found" ] || cp "$found" "$root/modules/$order-$module.ko"
  order=$((order + 1))
done

mkdir -p "$directory"
cp "$work"/kernel/boot/vmlinuz-* "$directory/vmlinuz"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -9) >"$directory/initramfs.gz"
echo "$recipe" >"$directory/recipe"
