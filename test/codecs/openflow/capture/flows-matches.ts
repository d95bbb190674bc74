/**
 * Flows in ovs-ofctl's language for nearly every field, exact and masked. Each names the minor versions it is sent in;
 * those of a group share a table dump.
 */
export interface FlowText {
  readonly name: string
  readonly text: string
  /** Digits of minor versions. */
  readonly minors: string
}

export interface FlowGroup {
  readonly name: string
  /** Minor versions in which they are read back. */
  readonly dumped: string
  readonly flows: readonly FlowText[]
}

/** Each line: name, minors or `-` for the usual ones, and the flow. */
export function group(name: string, usual: string, dumped: string, lines: string): FlowGroup {
  const flows = lines
    .trim()
    .split('\n')
    .map((line) => {
      const [flow = '', minors = '-', ...text] = line.trim().split(/\s+/)
      return { name: flow, minors: minors === '-' ? usual : minors, text: text.join(' ') }
    })
  return { name, dumped, flows }
}

export const matchGroups: readonly FlowGroup[] = [
  group(
    'match-basic',
    '012345',
    '0135',
    `
    any              -       actions=drop
    in-port          -       in_port=1,actions=2
    in-port-local    035     in_port=LOCAL,actions=NORMAL
    eth-addresses    -       dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,actions=2
    eth-masked       12345   dl_src=02:00:00:00:00:00/ff:ff:00:00:00:00,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=2
    eth-masked-nxm   0       dl_src=02:00:00:00:00:00/ff:ff:00:00:00:00,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=2
    eth-type         -       dl_type=0x88cc,actions=CONTROLLER
    vlan-none        -       vlan_tci=0,actions=2
    vlan-id-pcp      -       dl_vlan=101,dl_vlan_pcp=5,actions=2
    vlan-pcp         -       dl_vlan_pcp=3,actions=2
    vlan-any         0235    vlan_tci=0x1000/0x1000,actions=2
    vlan-masked      0235    vlan_tci=0x1064/0x1ffc,actions=2
    vlan-vid-masked  0235    vlan_vid=0x1001/0x1001,actions=2
    `,
  ),
  group(
    'match-ip',
    '012345',
    '',
    `
    ipv4             -       ip,nw_src=10.0.0.1,nw_dst=10.0.0.2,actions=2
    ipv4-prefix      -       ip,nw_src=10.0.0.0/8,nw_dst=10.1.2.0/23,actions=2
    ipv4-odd-mask    1235    ip,nw_src=192.0.168.0/255.0.255.0,actions=2
    ipv4-odd-mask    0       ip,nw_src=192.0.168.0/255.0.255.0,actions=2
    ip-proto-dscp    -       ip,nw_proto=47,nw_tos=0xb8,actions=2
    ip-ecn           135     ip,nw_ecn=1,actions=2
    ip-ecn-ttl       0       ip,nw_ecn=2,nw_ttl=64,actions=2
    ip-ttl           235     ip,nw_ttl=1,actions=2
    ip-frag-no       0235    ip,ip_frag=no,actions=2
    ip-frag-first    35      ip,ip_frag=first,actions=2
    ip-frag-later    35      ip,ip_frag=later,actions=2
    ip-frag-any      35      ip,ip_frag=yes,actions=2
    ip-frag-not-later 35     ip,ip_frag=not_later,actions=2
    arp              -       arp,arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,actions=2
    arp-hw           0235    arp,arp_sha=02:00:00:00:00:01,arp_tha=00:00:00:00:00:00/ff:00:00:00:00:00,actions=2
    rarp             035     rarp,arp_op=3,actions=2
    `,
  ),
  group(
    'match-ipv6',
    '0235',
    '',
    `
    ipv6             02345   ipv6,ipv6_src=fd00::1,ipv6_dst=fd00::2,actions=2
    ipv6-prefix      -       ipv6,ipv6_src=fd00::/64,ipv6_dst=fd00:1::/32,actions=2
    ipv6-odd-mask    35      ipv6,ipv6_dst=::1/::ffff,actions=2
    ipv6-label       -       ipv6,ipv6_label=0x12345,actions=2
    ipv6-label-mask  35      ipv6,ipv6_label=0x100/0xf00,actions=2
    icmp6            -       icmp6,icmp_type=128,icmp_code=0,actions=2
    nd-solicit       -       icmp6,icmp_type=135,nd_target=fd00::1,nd_sll=02:00:00:00:00:01,actions=2
    nd-advert        -       icmp6,icmp_type=136,nd_target=fd00::/64,nd_tll=02:00:00:00:00:02,actions=2
    nd-sll-mask      35      icmp6,icmp_type=135,nd_sll=02:00:00:00:00:00/ff:00:00:00:00:00,actions=2
    nd-options       35      icmp6,icmp_type=136,icmp_code=0,nd_reserved=0x60000000,nd_options_type=2,actions=2
    tcp6             -       tcp6,tp_src=1000,tp_dst=80,actions=2
    udp6             35      udp6,udp_dst=547,ipv6_dst=ff02::1:2,actions=2
    sctp6            35      sctp6,sctp_dst=9,actions=2
    `,
  ),
  group(
    'match-transport',
    '012345',
    '1',
    `
    tcp              -       tcp,tp_src=1000,tp_dst=80,actions=2
    tcp-masked       0235    tcp,tp_src=0x4000/0xc000,tcp_dst=0x50/0xfff0,actions=2
    tcp-flags        0235    tcp,tcp_flags=+syn-ack,actions=2
    tcp-flags-exact  35      tcp,tcp_flags=0x012,actions=2
    udp              -       udp,udp_src=68,udp_dst=67,actions=CONTROLLER:128
    sctp             1235    sctp,sctp_src=7,sctp_dst=9,actions=2
    sctp             0       sctp,sctp_src=7,sctp_dst=9,actions=2
    icmp             -       icmp,icmp_type=8,icmp_code=0,actions=2
    mpls             12345   mpls,mpls_label=100,mpls_tc=3,actions=2
    mpls             0       mpls,mpls_label=100,mpls_tc=3,actions=2
    mpls-bos-ttl     35      mplsm,mpls_bos=1,mpls_ttl=64,actions=2
    `,
  ),
  group(
    'match-tunnel',
    '35',
    '',
    `
    tun-id           0235    tun_id=0x65,actions=2
    tun-id-mask      -       tun_id=0x1200/0xff00,actions=2
    tun-ipv4         0235    tun_src=10.0.0.1,tun_dst=10.0.0.0/24,actions=2
    tun-ipv6         -       tun_ipv6_src=fd00::1,tun_ipv6_dst=fd00::/64,actions=2
    tun-flags        -       tun_flags=+oam,actions=2
    tun-gbp          -       tun_gbp_id=7,tun_gbp_flags=0x8/0x48,actions=2
    tun-erspan-1     -       tun_erspan_ver=1,tun_erspan_idx=0x12345,actions=2
    tun-erspan-2     -       tun_erspan_ver=2,tun_erspan_dir=1,tun_erspan_hwid=0x3f,actions=2
    tun-gtpu         -       tun_gtpu_flags=0x30,tun_gtpu_msgtype=255,actions=2
    tun-metadata0    02345   tun_metadata0=0x1234,actions=2
    tun-metadata-mask -      tun_metadata1=0x12/0xff,actions=2
    tun-metadata-any -       tun_metadata0,actions=2
    tun-metadata-long -      tun_metadata2=0x0102030405060708090a0b0c0d0e0f101112131415161718,actions=2
    `,
  ),
  group(
    'match-metadata',
    '0235',
    '5',
    `
    metadata         12345   metadata=0x65,actions=2
    metadata         0       metadata=0x65,actions=2
    metadata-mask    -       metadata=0x1200/0xff00,actions=2
    registers        02345   reg0=1,reg1=0x2/0xf,reg7=0xffffffff,reg15=0,actions=2
    xregisters       -       xreg0=0x1234567890abcdef,xreg3=0x1/0xff,actions=2
    xxregisters      -       xxreg1=0x1234567890abcdef1234567890abcdef,actions=2
    xxregister-mask  35      xxreg0=0x1/0xff,actions=2
    pkt-mark         -       pkt_mark=0x10/0xf0,actions=2
    conj-id          -       conj_id=12,ip,actions=2
    dp-hash-recirc   35      dp_hash=0x5/0xf,recirc_id=0,actions=2
    actset-output    35      actset_output=2,actions=2
    packet-type      345     packet_type=(1,0x800),actions=2
    packet-type-eth  35      packet_type=(0,0),actions=2
    nsh              35      dl_type=0x894f,nsh_flags=0,nsh_ttl=63,nsh_mdtype=1,nsh_np=3,nsh_spi=0x123456,nsh_si=255,nsh_c1=1,nsh_c2=2/0xff,nsh_c3=3,nsh_c4=4,actions=2
    `,
  ),
  group(
    'match-ct',
    '35',
    '5',
    `
    ct-state         02345   ct_state=+trk+new-est,actions=2
    ct-state-exact   -       ct_state=0x21,actions=2
    ct-zone-mark     235     ct_zone=5,ct_mark=0x10/0xf0,actions=2
    ct-label         0235    ct_label=0x1234567890abcdef1234567890abcdef,actions=2
    ct-label-mask    -       ct_label=0x1/0xff,actions=2
    ct-tuple-ipv4    0235    ct_state=+trk+est,tcp,ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.0/24,ct_nw_proto=6,ct_tp_src=1000,ct_tp_dst=80,actions=2
    ct-tuple-no-trk  3       ct_state=+trk,tcp,ct_nw_src=10.0.0.1,ct_nw_proto=6,ct_tp_dst=80,actions=2
    ct-tuple-ipv6    -       ct_state=+trk+est,ipv6,ct_ipv6_src=fd00::1,ct_ipv6_dst=fd00::/64,ct_nw_proto=17,ct_tp_dst=53,actions=2
    `,
  ),
]
