/** Fields whose bits have names in ovs-ofctl's syntax; the position in each list is the bit. */

const names: Readonly<Record<string, readonly string[]>> = {
  tcp_flags: ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns', '[200]', '[400]', '[800]'],
  ct_state: ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'],
  tun_flags: ['oam'],
}

export const flagNames = (field: string): readonly string[] => names[field] ?? []
