/** Frames of several kinds, as the flows of Open vSwitch's datapath, from which the dummy port composes the bytes. */
const eth = 'in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02)'
const ipv4 = (proto: number, ttl = 64): string =>
  `eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=${proto},tos=0,ttl=${ttl},frag=no)`
const ipv6 = (proto: number): string =>
  `eth_type(0x86dd),ipv6(src=fd00::1,dst=ff02::1:ff00:2,label=0,proto=${proto},tclass=0,hlimit=255,frag=no)`
const tcp = `${ipv4(6)},tcp(src=1000,dst=80),tcp_flags(syn)`

export const frames = {
  tcp: `${eth},${tcp}`,
  arp: 'in_port(1),eth(src=02:00:00:00:00:01,dst=ff:ff:ff:ff:ff:ff),eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=1,sha=02:00:00:00:00:01,tha=00:00:00:00:00:00)',
  udp: `${eth},${ipv4(17)},udp(src=68,dst=67)`,
  icmp: `${eth},${ipv4(1)},icmp(type=8,code=0)`,
  nd: `${eth},${ipv6(58)},icmpv6(type=135,code=0),nd(target=fd00::2,sll=02:00:00:00:00:01,tll=00:00:00:00:00:00)`,
  vlan: `${eth},eth_type(0x8100),vlan(vid=101,pcp=5),encap(${tcp})`,
  mpls: `${eth},eth_type(0x8847),mpls(label=100,tc=3,ttl=64,bos=1)`,
  expiring: `${eth},${ipv4(17, 1)},udp(src=68,dst=67)`,
} as const
