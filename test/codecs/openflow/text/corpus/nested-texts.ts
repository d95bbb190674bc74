/** Actions that hold others or describe flows: ct, clone, learn and sample. */
import { listOf } from './action-options.ts'
import { fieldSpec } from './field-specs.ts'
import type { Option } from './random.ts'
import type { Scene } from './scene.ts'
import { ipv4Text, macText, numberText } from './values.ts'

const someOf = (scene: Scene, options: readonly Option<Scene>[], most: number): readonly string[] => {
  const made = new Map<string, string>()
  for (let count = scene.random.between(0, most); count > 0; count--) {
    const text = scene.random.option(scene, options)
    made.set(/^[a-z_]+/.exec(text)?.[0] ?? text, text)
  }
  return [...made.values()]
}

const ranges = [
  '10.0.0.1',
  '10.0.0.1-10.0.0.9',
  '10.0.0.1:80',
  '10.0.0.1-10.0.0.9:1024-65535',
  '0.0.0.0',
  'fe80::1',
  'fe80::1-fe80::9',
  '[fe80::1]:80',
  '[fe80::1]-[fe80::9]:1-2',
  '[2001:db8::5]',
]

const isIpv6Range = (range: string): boolean => range.includes('::')

/** A range of the other family than the flow's is refused. */
const nat: Option<Scene>['make'] = ({ random, ethType }) => {
  const possible = ranges.filter((one) => isIpv6Range(one) === (ethType === 0x86dd))
  const range = random.least(possible, (one) => `~nat ${one}`)
  random.name(`~nat ${range}`)
  const flags = random.pick([
    '',
    '',
    ',random',
    ',hash',
    ',persistent',
    ',persistent,random',
    ',hash,persistent',
  ])
  return `nat(${random.pick(['src', 'dst'])}=${range}${flags})`
}

const inCt: readonly Option<Scene>[] = [
  {
    name: 'ct exec set_field',
    when: ({ version }) => version !== 2,
    make: ({ random }) =>
      random.pick([
        'set_field:0x5->ct_mark',
        'set_field:1/3->ct_mark',
        'set_field:0x1234567890abcdef1234567890abcdef->ct_label',
        'set_field:0x1/0xffff->ct_label',
      ]),
  },
  {
    name: 'ct exec load',
    make: ({ random }) =>
      random.pick(['load:0x5->NXM_NX_CT_MARK[]', 'load:1->ct_label[64..127]', 'load:3->ct_mark[0..7]']),
  },
  {
    name: 'ct exec move',
    make: ({ random }) =>
      random.pick([
        'move:NXM_NX_REG0[]->NXM_NX_CT_MARK[]',
        'move:xxreg0[]->ct_label',
        'move:reg1[0..15]->ct_label[16..31]',
      ]),
  },
]

const ctKeys: readonly Option<Scene>[] = [
  { name: 'ct zone', make: ({ random }) => `zone=${numberText(random, random.bits(16))}` },
  {
    name: 'ct zone field',
    make: (scene) => `zone=${fieldSpec(scene, 'ct zone', { bits: 16, plain: true }).text}`,
  },
  { name: 'ct table', make: ({ random }) => `table=${random.below(255)}` },
  { name: 'ct nat bare', make: ({ random }) => random.pick(['nat', 'nat()']) },
  { name: 'ct alg ftp', make: () => 'alg=ftp', when: ({ ipProtocol }) => ipProtocol === 6 },
  { name: 'ct alg tftp', make: () => 'alg=tftp', when: ({ ipProtocol }) => ipProtocol === 17 },
]

const commitKeys: readonly Option<Scene>[] = [
  { name: 'ct nat', make: nat },
  { name: 'ct force', make: () => 'force' },
  { name: 'ct exec', make: (scene) => `exec(${listOf(scene, inCt, 2)})` },
]

const ct: Option<Scene>['make'] = (scene) => {
  const { random } = scene
  const commit = !scene.invalid && random.chance(0.6)
  const keys = [
    ...(commit ? ['commit'] : []),
    ...someOf(scene, commit ? [...ctKeys, ...commitKeys] : ctKeys, 4),
  ]
  const ordered = random.chance(0.3) ? random.shuffle(keys) : keys
  return ordered.length === 0 ? random.pick(['ct', 'ct()']) : `ct(${ordered.join(random.pick([',', ', ']))})`
}

const learnKeys: readonly Option<Scene>[] = [
  ...['idle_timeout', 'hard_timeout', 'priority', 'fin_idle_timeout', 'fin_hard_timeout'].map((name) => ({
    name: `learn ${name}`,
    make: ({ random }: Scene) => `${name}=${random.bits(16)}`,
  })),
  { name: 'learn table', make: ({ random }) => `table=${random.below(255)}` },
  { name: 'learn cookie', make: ({ random }) => `cookie=${numberText(random, random.bits(64))}` },
  { name: 'learn send_flow_rem', make: () => 'send_flow_rem' },
  { name: 'learn delete_learned', make: () => 'delete_learned' },
  { name: 'learn limit', make: ({ random }) => `limit=${random.below(1000)}` },
  {
    name: 'learn result_dst',
    make: ({ random }) => `result_dst=${random.pick(['reg0[0]', 'NXM_NX_REG1[31]', 'xreg1[40]'])}`,
  },
]

const anywhere = (scene: Scene) => ({
  ...scene,
  ethType: undefined,
  ipProtocol: undefined,
  icmp6Type: undefined,
  vlan: false,
  tracked: false,
})

const learnSpecs: readonly Option<Scene>[] = [
  {
    name: 'learn literal',
    make: ({ random }) =>
      random.pick(
        [
          `reg${random.below(16)}=${numberText(random, random.bits(32))}`,
          `reg0[0..3]=${random.below(16)}`,
          `eth_src=${macText(random)}`,
          'in_port=LOCAL',
          'NXM_OF_VLAN_TCI[0..11]=5',
          `metadata=${numberText(random, random.bits(64))}`,
          `tun_src=${ipv4Text(random)}`,
          'tun_id[0..23]=0x123',
          'vlan_tci=0x1005',
          'ipv6_label=0x5',
        ].slice(0, 9),
      ),
  },
  {
    name: 'learn literal ip',
    make: ({ random }) =>
      `eth_type=0x800,${random.pick(['nw_dst=10.1.2.3', 'nw_proto=6,tcp_dst=80', 'NXM_OF_IP_PROTO[]=17,udp_src=53', 'ip_dst[0..7]=5', 'nw_tos=32'])}`,
  },
  {
    name: 'learn literal ip6',
    make: ({ random }) =>
      `dl_type=0x86dd,${random.pick(['ipv6_dst=fe80::1', 'ip_proto=58,icmpv6_type=135', 'nw_proto=132,sctp_dst=5'])}`,
  },
  { name: 'learn literal arp', make: () => 'eth_type=0x806,arp_op=2' },
  {
    name: 'learn from field',
    make: (scene) => {
      const free = anywhere(scene)
      const source = fieldSpec(scene, 'learn from', { plain: true, atMost: 64 })
      return `${fieldSpec(free, 'learn to', { plain: true, bits: source.bits }).text}=${source.text}`
    },
  },
  {
    name: 'learn same field',
    make: (scene) => fieldSpec(anywhere(scene), 'learn same', { plain: true, atMost: 64 }).text,
  },
  {
    name: 'learn load literal',
    make: (scene) => {
      const { text, bits } = fieldSpec(anywhere(scene), 'learn load', { plain: true, writable: true })
      return `load:${numberText(scene.random, scene.random.bits(Math.min(bits, 64)))}->${text}`
    },
  },
  {
    name: 'learn load field',
    make: (scene) => {
      const source = fieldSpec(scene, 'learn load from', { plain: true, atMost: 64 })
      return `load:${source.text}->${fieldSpec(anywhere(scene), 'learn load', { plain: true, writable: true, bits: source.bits }).text}`
    },
  },
  {
    name: 'learn output',
    make: (scene) =>
      `output:${fieldSpec(scene, 'learn output', { plain: true, atLeast: 16, atMost: 32 }).text}`,
  },
]

const learn: Option<Scene>['make'] = (scene) => {
  const specs: string[] = []
  for (let count = scene.random.between(0, 4); count > 0; count--)
    specs.push(scene.random.option(scene, learnSpecs))
  const keys = someOf(scene, learnKeys, 4)
  return `learn(${[...keys, ...specs].join(scene.random.pick([',', ',', ', ']))})`
}

const sampleKeys: readonly Option<Scene>[] = [
  ...['collector_set_id', 'obs_domain_id', 'obs_point_id'].map((name) => ({
    name: `sample ${name}`,
    make: ({ random }: Scene) => `${name}=${numberText(random, random.bits(32))}`,
  })),
  {
    name: 'sample sampling_port',
    make: ({ random }) => `sampling_port=${random.pick(['1', 'local', '56'])}`,
  },
  { name: 'sample ingress', make: () => 'ingress' },
  { name: 'sample egress', make: () => 'egress' },
]

const sample: Option<Scene>['make'] = (scene) => {
  const probability = `probability=${numberText(scene.random, scene.random.between(1, 65535))}`
  const keys = [probability, ...someOf(scene, sampleKeys, 5)]
  return `sample(${scene.random.shuffle(keys).join(',')})`
}

const deepest = 3

/** With the actions that may stand in a clone beside these themselves. */
export const nestedActions = (simple: readonly Option<Scene>[]): readonly Option<Scene>[] => {
  const nested: readonly Option<Scene>[] = [
    { name: 'action ct', make: ct, when: ({ ethType }) => ethType === 0x0800 || ethType === 0x86dd },
    { name: 'action ct_clear', make: () => 'ct_clear' },
    {
      name: 'action clone',
      when: ({ depth }) => depth < deepest,
      make: (scene) => `clone(${listOf({ ...scene, depth: scene.depth + 1 }, [...simple, ...nested], 3)})`,
    },
    { name: 'action learn', make: learn },
    { name: 'action sample', make: sample },
  ]
  return nested
}
