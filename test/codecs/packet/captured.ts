/**
 * Frames that other implementations made: Linux 6.x on a veth pair with checksum offload off (10.0.0.1, fd00::1 and
 * 02:00:00:00:00:0a on one end, .2 and :0b on the other) and Open vSwitch 3.1.0 with `lldp:enable=true`.
 */
const bytes = (...hex: string[]) => new Uint8Array(Buffer.from(hex.join('').replaceAll(' ', ''), 'hex'))

const A_TO_B = '0200 0000 000b 0200 0000 000a'
const B_TO_A = '0200 0000 000a 0200 0000 000b'
const FD00_1 = 'fd00 0000 0000 0000 0000 0000 0000 0001'
const FD00_2 = 'fd00 0000 0000 0000 0000 0000 0000 0002'

export const captured = {
  /** Who has 10.0.0.2, tell 10.0.0.1. */
  arpRequest: bytes(
    'ffff ffff ffff 0200 0000 000a 0806', // broadcast
    '0001 0800 06 04 0001', // Ethernet, IPv4, lengths 6 and 4, request
    '0200 0000 000a 0a00 0001 0000 0000 0000 0a00 0002',
  ),
  arpReply: bytes(B_TO_A, '0806 0001 0800 06 04 0002 0200 0000 000b 0a00 0002 0200 0000 000a 0a00 0001'),
  /** `ping -s 8`: id 7569, seq 1, don't fragment, ttl 64. */
  icmpEcho: bytes(
    A_TO_B,
    '0800 4500 0024 5e2c 4000 4001 c8aa 0a00 0001 0a00 0002', // header with its checksum c8aa
    '0800 ce5d 1d91 0001 0001 0203 0405 0607',
  ),
  /** Port unreachable, with the network-control DSCP that Linux gives its errors, quoting the packet below. */
  icmpUnreachable: bytes(
    B_TO_A,
    '0800 45c0 003d e574 0000 4001 8089 0a00 0002 0a00 0001 0303 111e 0000 0000',
    '4500 0021 3ab5 4000 4011 ec14 0a00 0001 0a00 0002 03e8 07d0 000d 9c47 6865 6c6c 6f',
  ),
  /** `hello` from port 1000 to 2000: an odd length, so the checksum has half a word at its end. */
  udpOverIpv4: bytes(
    A_TO_B,
    '0800 4500 0021 3ab5 4000 4011 ec14 0a00 0001 0a00 0002 03e8 07d0 000d 9c47 6865 6c6c 6f',
  ),
  udpOverIpv6: bytes(
    A_TO_B,
    '86dd 600f 84ff 000d 1140', // flow label f84ff
    FD00_1,
    FD00_2,
    '03e8 07d0 000d b645 6865 6c6c 6f',
  ),
  /** SYN to port 80 with the options of Linux: mss 1460, sack, timestamps, window scale. */
  tcpSyn: bytes(
    A_TO_B,
    '0800 4500 003c 2c56 4000 4006 fa63 0a00 0001 0a00 0002',
    'b628 0050 e810 325a 0000 0000 a002 faf0 ece3 0000 0204 05b4 0402 080a 25f8 554a 0000 0000 0103 030a',
  ),
  tcpReset: bytes(
    B_TO_A,
    '0800 4500 0028 0000 4000 4006 26ce 0a00 0002 0a00 0001 0050 b628 0000 0000 e810 325b 5014 0000 cae9 0000',
  ),
  /** Who has fd00::2, to its solicited-node group, with a source link-layer option. */
  neighbourSolicitation: bytes(
    '3333 ff00 0002 0200 0000 000a 86dd 6000 0000 0020 3aff',
    FD00_1,
    'ff02 0000 0000 0000 0000 0001 ff00 0002 8700 7d8e 0000 0000',
    FD00_2,
    '0101 0200 0000 000a',
  ),
  /** Duplicate address detection: from ::, with a nonce option (type 14) that we do not take apart. */
  duplicateAddressDetection: bytes(
    '3333 ff00 000a 0200 0000 000a 86dd 6000 0000 0020 3aff 0000 0000 0000 0000 0000 0000 0000 0000',
    'ff02 0000 0000 0000 0000 0001 ff00 000a 8700 7acc 0000 0000',
    'fe80 0000 0000 0000 0000 00ff fe00 000a 0e01 286a 68c5 630e',
  ),
  /** Solicited, override. */
  neighbourAdvertisement: bytes(
    B_TO_A,
    '86dd 6000 0000 0020 3aff',
    FD00_2,
    FD00_1,
    '8800 1c91 6000 0000',
    FD00_2,
    '0201 0200 0000 000b',
  ),
  /** Behind a hop-by-hop header, which stays bytes. */
  multicastListenerReport: bytes(
    '3333 0000 0016 0200 0000 000a 86dd 6000 0000 0038 0001 0000 0000 0000 0000 0000 0000 0000 0000',
    'ff02 0000 0000 0000 0000 0000 0000 0016 3a00 0502 0000 0100 8f00 6d65 0000 0002',
    '0400 0000 ff02 0000 0000 0000 0000 0001 ff00 0001 0400 0000 ff02 0000 0000 0000 0000 0001 ff00 000a',
  ),
  echoOverIpv6: bytes(
    A_TO_B,
    '86dd 600e a593 0010 3a40',
    FD00_1,
    FD00_2,
    '8000 5c0d 1d92 0001 0001 0203 0405 0607',
  ),
  /** Chassis id: MAC; port id: interface name v0; an auto-attach TLV of organisation 00040d. */
  lldpFromOpenVswitch: bytes(
    '0180 c200 000e 3661 8c2a adca 88cc',
    '0207 0436 618c 2aad ca04 0305 7630 0602 0078', // chassis, port, ttl 120
    '0c11 6f70 656e 7673 7769 7463 6820 332e 312e 30 0e04 0004 0004', // description, capabilities
    'fe32 0004 0d0b 00 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0038',
    '0000 0036 618c 2aad ca00 0000 0000 00', // the last two bytes are the end TLV
  ),
} as const
