"""Frames that a well-behaved or a malicious VM may send, each carrying a marker by which a capture recognises it."""

import ipaddress
import struct
from dataclasses import dataclass

from .probes import checksum

BROADCAST = 'ff:ff:ff:ff:ff:ff'
UNKNOWN_MAC = '02:75:6e:6b:6e:01'
STRANGER_MAC = '02:73:74:72:6e:01'
STRANGER_IP = {4: '203.0.113.66', 6: '2001:db8::66'}
TPID = 0x8100


@dataclass(frozen=True)
class Flood:
    """Who sends, at whom it aims, whom it pretends to be; `marker` is 10 bytes."""
    mac: str
    ips: dict  # family -> text
    target_mac: str
    target_ips: dict
    victim_mac: str
    victim_ips: dict
    vlan: int
    marker: bytes


def frame(kind, flood):
    return KINDS[kind](flood)


def mac_bytes(text):
    return bytes.fromhex(text.replace(':', ''))


def ethernet(destination, source, ethertype, payload):
    return (mac_bytes(destination) + mac_bytes(source) + struct.pack('!H', ethertype) + payload).ljust(60, b'\0')


def ipv4(source, destination, protocol, body, checksum_at):
    src, dst = ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed
    total = checksum(src + dst + struct.pack('!HH', protocol, len(body)) + body) or 0xffff
    body = body[:checksum_at] + struct.pack('!H', total) + body[checksum_at + 2:]
    header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0) + src + dst
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + body


def ipv4_udp(source, destination, payload, ports=(40000, 40000)):
    return ipv4(source, destination, 17, struct.pack('!HHHH', *ports, 8 + len(payload), 0) + payload, 6)


def ipv6(source, destination, protocol, body, checksum_at, hops=255):
    src, dst = ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed
    total = checksum(src + dst + struct.pack('!II', len(body), protocol) + body) or 0xffff
    body = body[:checksum_at] + struct.pack('!H', total) + body[checksum_at + 2:]
    return struct.pack('!IHBB', 0x60000000, len(body), protocol, hops) + src + dst + body


def ipv6_udp(source, destination, payload):
    return ipv6(source, destination, 17, struct.pack('!HHHH', 40000, 40000, 8 + len(payload), 0) + payload, 6)


def nd_option(marker):
    """An option of an experimental type (RFC 4727) that carries the marker."""
    return struct.pack('!BB', 253, 2) + marker.ljust(14, b'\0')


def _unicast(f):
    return ethernet(f.target_mac, f.mac, 0x0800, ipv4_udp(f.ips[4], f.target_ips[4], f.marker))


def _broadcast(f, source_mac=None, source_ip=None):
    return ethernet(BROADCAST, source_mac or f.mac, 0x0800, ipv4_udp(source_ip or f.ips[4], '255.255.255.255', f.marker))


def _tagged(f):
    plain = _broadcast(f)
    return plain[:12] + struct.pack('!HH', TPID, f.vlan) + plain[12:]


def _double_tagged(f):
    plain = _broadcast(f)
    return plain[:12] + struct.pack('!HHHH', TPID, f.vlan, TPID, f.vlan) + plain[12:]


def _arp(f, ip, operation):
    body = struct.pack('!HHBBH', 1, 0x0800, 6, 4, operation) + mac_bytes(f.mac) + ipaddress.ip_address(ip).packed
    return ethernet(BROADCAST, f.mac, 0x0806, body + mac_bytes(BROADCAST) + ipaddress.ip_address(ip).packed + f.marker)


def _rarp(f):
    """As QEMU announces a VM after a move."""
    body = struct.pack('!HHBBH', 1, 0x0800, 6, 4, 3) + (mac_bytes(f.mac) + bytes(4)) * 2
    return ethernet(BROADCAST, f.mac, 0x8035, body + f.marker)


def _multicast6(f, source_ip=None):
    return ethernet('33:33:00:01:23:45', f.mac, 0x86dd, ipv6_udp(source_ip or f.ips[6], 'ff02::1:2345', f.marker))


def _neighbour_advertisement(f):
    body = struct.pack('!BBHI', 136, 0, 0, 0x20000000) + ipaddress.ip_address(f.victim_ips[6]).packed
    body += struct.pack('!BB', 2, 1) + mac_bytes(f.mac) + nd_option(f.marker)
    return ethernet('33:33:00:00:00:01', f.mac, 0x86dd, ipv6(f.victim_ips[6], 'ff02::1', 58, body, 2))


def _router_advertisement(f):
    """Lifetime 0: a VM that gets it is not harmed."""
    link_local = 'fe80::' + format(int.from_bytes(mac_bytes(f.mac)[2:], 'big') >> 16, 'x')
    body = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 0, 0, 0) + nd_option(f.marker)
    return ethernet('33:33:00:00:00:01', f.mac, 0x86dd, ipv6(link_local, 'ff02::1', 58, body, 2))


def _dhcp_offer(f):
    bootp = struct.pack('!BBBBIHH', 2, 1, 6, 0, 0x7462, 0, 0x8000) + bytes(4) + ipaddress.ip_address(STRANGER_IP[4]).packed
    bootp += bytes(8) + mac_bytes(UNKNOWN_MAC) + bytes(10) + f.marker.ljust(64, b'\0') + bytes(128)
    options = b'\x63\x82\x53\x63' + b'\x35\x01\x02' + b'\x36\x04' + ipaddress.ip_address(f.ips[4]).packed + b'\xff'
    return ethernet(BROADCAST, f.mac, 0x0800, ipv4_udp(f.ips[4], '255.255.255.255', bootp + options, (67, 68)))


def _lldp(f):
    def tlv(kind, value):
        return struct.pack('!H', kind << 9 | len(value)) + value
    body = tlv(1, b'\x04' + mac_bytes(f.mac)) + tlv(2, b'\x05forged') + tlv(3, b'\0\x78') + tlv(5, f.marker) + tlv(0, b'')
    return ethernet('01:80:c2:00:00:0e', f.mac, 0x88cc, body)


KINDS = {
    'unicast': _unicast,
    'unknown-unicast': lambda f: ethernet(UNKNOWN_MAC, f.mac, 0x0800, ipv4_udp(f.ips[4], f.target_ips[4], f.marker)),
    'broadcast': _broadcast,
    'spoofed-mac': lambda f: _broadcast(f, source_mac=f.victim_mac),
    'spoofed-ip': lambda f: _broadcast(f, source_ip=f.victim_ips[4]),
    'spoofed-ipv6': lambda f: _multicast6(f, source_ip=f.victim_ips[6]),
    'vlan-tagged': _tagged,
    'vlan-double-tagged': _double_tagged,
    'ipv4-multicast': lambda f: ethernet('01:00:5e:01:02:03', f.mac, 0x0800, ipv4_udp(f.ips[4], '239.1.2.3', f.marker)),
    'ipv6-multicast': _multicast6,
    'arp-gratuitous': lambda f: _arp(f, f.ips[4], 1),
    'arp-forged': lambda f: _arp(f, f.victim_ips[4], 2),
    'rarp': _rarp,
    'na-forged': _neighbour_advertisement,
    'router-advertisement': _router_advertisement,
    'dhcp-offer': _dhcp_offer,
    'lldp': _lldp,
    'unknown-ethertype': lambda f: ethernet(BROADCAST, f.mac, 0x88b5, f.marker),
}
