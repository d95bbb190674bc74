/** The match of a flow: protocol keywords, then fields that the protocols have, in any order and spelling. */
import { family, familyOf, type Field, fields, isTunnelMetadata, nameOf } from './fields.ts'
import type { Option } from './random.ts'
import { hasField, type Scene } from './scene.ts'
import { numberText, valueText } from './values.ts'

const keyword = (word: string, ethType: number, ipProtocol?: number): Option<Scene> => ({
  name: `keyword ${word}`,
  make: (scene) => {
    scene.ethType = ethType
    scene.ipProtocol = ipProtocol
    return word
  },
})

const keywords: readonly Option<Scene>[] = [
  keyword('ip', 0x0800),
  keyword('ipv4', 0x0800),
  keyword('ip4', 0x0800),
  keyword('icmp', 0x0800, 1),
  keyword('tcp', 0x0800, 6),
  keyword('udp', 0x0800, 17),
  keyword('sctp', 0x0800, 132),
  keyword('arp', 0x0806),
  keyword('rarp', 0x8035),
  keyword('ipv6', 0x86dd),
  keyword('ip6', 0x86dd),
  keyword('icmp6', 0x86dd, 58),
  keyword('tcp6', 0x86dd, 6),
  keyword('udp6', 0x86dd, 17),
  keyword('sctp6', 0x86dd, 132),
  keyword('mpls', 0x8847),
  keyword('mplsm', 0x8848),
]

const typed = (name: string): Option<Scene> => ({
  name: `match ${name}`,
  make: (scene) => {
    const { random, version } = scene
    const types = [0x0800, 0x0806, 0x86dd, 0x8847, 0x894f, 0x88cc, 0x0005]
    const type = random.pick(version === 2 ? types.filter((one) => one !== 0x86dd && one !== 0x894f) : types)
    scene.ethType = type
    return `${name}=${numberText(random, type)}`
  },
})

const above1: Option<Scene>['when'] = (scene) => scene.version !== 2

const protocols: readonly Option<Scene>[] = [
  { name: 'keyword none', make: () => '' },
  ...keywords.map((one) => (one.name.endsWith('6') ? { ...one, when: above1 } : one)),
  typed('eth_type'),
  typed('dl_type'),
  {
    name: 'keyword eth',
    when: above1,
    make: () => 'eth',
  },
  ...[0x894f, 0x894f].map((type) => ({
    name: 'keyword of NSH',
    when: above1,
    make: (scene: Scene): string => {
      scene.ethType = type
      return `${scene.random.pick(['dl_type', 'eth_type'])}=0x894f`
    },
  })),
  {
    name: 'match packet_type',
    when: above1,
    make: (scene) => {
      const type = scene.random.pick([0x0800, 0x86dd, 0x894f, 0x8847])
      scene.ethernet = false
      scene.ethType = type
      return `packet_type=(1,${numberText(scene.random, type)})`
    },
  },
]

const protocolNumbers = [1, 6, 17, 132, 58, 47]

/** nw_proto beside ip or ip6, and icmpv6_type beside icmp6: what the fields above them need. */
const upper = (scene: Scene): readonly string[] => {
  const { random } = scene
  const tokens: string[] = []
  const isIp = scene.ethType === 0x0800 || scene.ethType === 0x86dd
  if (isIp && scene.ipProtocol === undefined && random.chance(0.4)) {
    const protocol = random.pick(protocolNumbers)
    const name = random.least(['nw_proto', 'ip_proto'], (one) => `match ${one}`)
    random.name(`match ${name}`)
    scene.ipProtocol = protocol
    tokens.push(`${name}=${numberText(random, protocol)}`)
  }
  if (scene.version !== 2 && scene.ethType === 0x86dd && scene.ipProtocol === 58 && random.chance(0.7)) {
    scene.icmp6Type = random.pick([135, 136, 128])
    random.name('match icmpv6_type')
    tokens.push(`icmpv6_type=${scene.icmp6Type}`)
    if (scene.icmp6Type !== 128) {
      random.name('match icmpv6_code')
      tokens.push('icmpv6_code=0')
    }
  }
  if (scene.ethernet && random.chance(0.3)) {
    const [name, value] = random.least(
      [
        ['dl_vlan', '7'],
        ['vlan_vid', '4105'],
        ['vlan_vid', '0x1064'],
        ['vlan_tci', '0x1003'],
        ['vlan_tci', '0x1000/0x1000'],
        ['vlan_vid', '0x1000/0x1000'],
      ] as const,
      ([one]) => `match ${one}`,
    )
    if (scene.version !== 2 || !value.includes('/')) {
      random.name(`match ${name}`)
      scene.vlan = true
      tokens.push(`${name}=${value}`)
    }
  }
  if (scene.version !== 2 && random.chance(0.15)) {
    scene.tracked = true
    random.name('match ct_state')
    tokens.push(
      random.pick([
        'ct_state=+trk-inv',
        'ct_state=+trk+est-inv',
        'ct_state=trk|new',
        'ct_state=+new',
        'ct_state=0x21/0x21',
      ]),
    )
  }
  return tokens
}

/** Fields that only the tokens above may set, since others stand on them. */
const foundations = new Set(['eth_type', 'packet_type', 'nw_proto'])

const usable = (scene: Scene, field: Field): boolean =>
  !foundations.has(nameOf(field)) && hasField(scene, field) && (scene.version !== 2 || field.in11 !== 'no')

/** Any value of the priority lets packets without a tag in again. */
const forget = (scene: Scene, field: Field): void => {
  if (field.storage.startsWith('vlan')) scene.vlan = false
}

/** Whose bits mean something only together. */
const unlike = new Set([
  'arp_op',
  'actset_output',
  'in_port_oxm',
  'tun_erspan_ver',
  'tun_erspan_dir',
  'tun_erspan_hwid',
  'tun_gtpu_flags',
  'tun_gtpu_msgtype',
  'ip_frag',
  'vlan_tci',
  'vlan_vid',
  'nsh_mdtype',
  'nsh_ttl',
])

/** Bits of one that takes no mask must be all its bytes. */
const hasWholeBytes = (field: Field): boolean =>
  !unlike.has(nameOf(field)) &&
  field.symbols.length > 0 &&
  field.bits <= 128 &&
  (field.maskable || [8, 16, 32].includes(field.bits))

const fieldText = (scene: Scene, field: Field): string => {
  const { random, version } = scene
  const name = random.least(field.names, (one) => `match ${familyOf(field)} as ${family(one)}`)
  if (random.chance(0.04)) {
    random.name('match *')
    forget(scene, field)
    return `${name}=*`
  }
  if (version !== 2 && (field.format === 'decimal' || field.format === 'hex') && random.chance(0.04)) {
    random.name('match bare')
    forget(scene, field)
    return name
  }
  if (nameOf(field) === 'ct_state') scene.invalid = true
  random.name(`match ${familyOf(field)}`)
  const masks = version === 2 ? field.in11 === 'mask' : true
  if (version !== 2 && hasWholeBytes(field) && random.chance(0.06)) {
    return subfieldText(scene, field, name)
  }
  random.name(`match ${familyOf(field)} as ${family(name)}`)
  if (field.format === 'frag' && scene.ipProtocol !== undefined)
    return `${name}=${random.pick(['no', 'first', 'not_later'])}`
  return `${name}=${valueText(random, field, 'match', masks)}`
}

/** A match on some of the bits: name[first..last]=number. */
const subfieldText = (scene: Scene, field: Field, name: string): string => {
  const { random } = scene
  random.name('match subfield')
  const whole = !field.maskable || random.chance(0.2)
  const first = whole ? 0 : random.below(field.bits)
  const last = whole ? field.bits - 1 : random.between(first, field.bits - 1)
  const brackets = whole ? '[]' : first === last ? `[${first}]` : `[${first}..${last}]`
  const written = random.chance(0.5) ? name : random.pick(field.symbols)
  return `${written}${brackets}=${numberText(random, random.bits(Math.min(last - first + 1, 64)))}`
}

/** The tokens of a match; what they promise is noted in the scene. */
export const matchTokens = (scene: Scene, most = 6): readonly string[] => {
  const { random } = scene
  const tokens = [random.option(scene, protocols), ...upper(scene)].filter((token) => token !== '')
  const taken = new Set(
    tokens
      .flatMap((token) => fields.filter((field) => field.names.includes(token.split('=')[0] ?? '')))
      .flatMap(({ storage }) => storage.split(' ')),
  )
  const wanted = random.below(most)
  for (let count = 0; count < wanted; count++) {
    const possible = fields.filter(
      (field) => usable(scene, field) && !field.storage.split(' ').some((one) => taken.has(one)),
    )
    if (possible.length === 0) break
    const wantedFamily = random.least([...new Set(possible.map(familyOf))], (one) => `match ${one}`)
    const field = random.pick(possible.filter((one) => familyOf(one) === wantedFamily))
    tokens.push(fieldText(scene, field))
    if (isTunnelMetadata(field) && random.chance(0.9)) {
      for (const other of fields) if (isTunnelMetadata(other)) taken.add(other.storage)
    }
    // Parts of a register may be matched twice: the last one counts.
    if (!field.storage.startsWith('reg') || random.chance(0.9))
      for (const one of field.storage.split(' ')) taken.add(one)
  }
  // Later fragments have no ports, whatever the protocol.
  if (tokens.some((token) => /_frag=(?:later|yes)/i.test(token))) scene.ipProtocol = undefined
  return random.chance(0.3) ? random.shuffle(tokens) : tokens
}
