/** Actions that send packets somewhere: output, controller, enqueue, bundle, multipath and resubmit. */
import { action, argument, has, number } from './action-options.ts'
import { fieldSpec } from './field-specs.ts'
import type { Option } from './random.ts'
import type { Scene } from './scene.ts'
import { numberText } from './values.ts'

export const outputs: readonly Option<Scene>[] = [
  action('output bare', ({ random }) => `${random.between(1, 300)}`),
  action('output', (scene) => argument(scene, 'output', scene.random.between(1, 300))),
  action('output reserved number', ({ random }) => `output:${random.pick(['65528', '65534', '4294967294'])}`),
  ...['in_port', 'local', 'normal', 'flood', 'all', 'table'].map((port) =>
    action(`output ${port}`, ({ random }) =>
      random.pick([port, port.toUpperCase(), `output:${port}`, `output:${port.toUpperCase()}`]),
    ),
  ),
  action('output field', (scene) => `output:${fieldSpec(scene, 'output').text}`),
  action('output_reg', (scene) => `output_reg:${fieldSpec(scene, 'output').text}`),
  action('output max_len', ({ random }) => {
    const [port, length] = [
      `port=${random.pick(['3', 'local', 'in_port'])}`,
      `max_len=${random.pick([14, 64, 1500])}`,
    ]
    return `output(${random.pick([`${port},${length}`, `${length},${port}`, `${port}, ${length}`])})`
  }),
  number('group', 32),
  action('enqueue', ({ random }) =>
    random.pick(['enqueue:1:2', 'enqueue(3,4)', 'enqueue:5q6', 'enqueue(local:0x7)', 'enqueue:in_port:8']),
  ),
]

const reasons = ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out']

const controllerKeys: readonly Option<Scene>[] = [
  { name: 'controller max_len', make: ({ random }) => `max_len=${numberText(random, random.bits(16))}` },
  { name: 'controller reason', make: ({ random }) => `reason=${random.pick(reasons)}` },
  { name: 'controller id', make: ({ random }) => `id=${numberText(random, random.bits(16))}` },
  {
    name: 'controller userdata',
    make: ({ random }) =>
      `userdata=${random.pick(['01', '00.11.22', 'aabbccdd', '01.02.03.04.05.06.07.08.09'])}`,
  },
  { name: 'controller pause', make: () => 'pause' },
  {
    name: 'controller meter_id',
    make: ({ random }) => `meter_id=${numberText(random, random.between(1, 9))}`,
  },
]

export const controllers: readonly Option<Scene>[] = [
  action('controller', ({ random }) => random.pick(['controller', 'CONTROLLER', 'output:controller'])),
  action('controller length', (scene) => argument(scene, 'controller', Number(scene.random.bits(16)))),
  action('controller keys', (scene) => {
    const keys = new Map<string, string>()
    for (let count = scene.random.between(0, 4); count >= 0; count--) {
      const key = scene.random.option(scene, controllerKeys)
      keys.set(key.split('=')[0] ?? '', key)
    }
    return `controller(${[...keys.values()].join(',')})`
  }),
]

const hashes = [
  'eth_src',
  'symmetric_l4',
  'symmetric_l3l4',
  'symmetric_l3l4+udp',
  'symmetric_l3',
  'nw_src',
  'nw_dst',
]

const members = ({ random }: Scene): string => {
  const ports = random.pick(['1', '1,2', '4,8,15', '1, 2', 'local,5', ''])
  return random.pick([`members:${ports}`, `slaves:${ports}`, `members:[${ports}]`])
}

export const links: readonly Option<Scene>[] = [
  action('bundle', (scene) => {
    const hash = scene.random.least(hashes, (one) => `bundle ${one}`)
    scene.random.name(`bundle ${hash}`)
    return `bundle(${hash},${scene.random.below(70000)},${scene.random.pick(['hrw', 'active_backup', 'HRW'])},ofport,${members(scene)})`
  }),
  action('bundle_load', (scene) => {
    const { text } = fieldSpec(scene, 'bundle_load', { writable: true, atLeast: 16, plain: true })
    return `bundle_load(${scene.random.pick(hashes)},0,${scene.random.pick(['hrw', 'active_backup'])},ofport,${text},${members(scene)})`
  }),
  action('multipath', (scene) => {
    const hash = scene.random.least(hashes, (one) => `multipath ${one}`)
    scene.random.name(`multipath ${hash}`)
    const algorithm = scene.random.pick(['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'])
    const { text, bits } = fieldSpec(scene, 'multipath', { writable: true, plain: true, atLeast: 1 })
    const count = scene.random.between(1, Math.min(2 ** Math.min(bits, 16), 65536))
    const comma = scene.random.pick([',', ', '])
    return `multipath(${[hash, scene.random.below(100), algorithm, count, scene.random.below(9), text].join(comma)})`
  }),
]

export const resubmits: readonly Option<Scene>[] = [
  action('resubmit port', ({ random }) =>
    random.pick(['resubmit:3', 'resubmit:local', 'resubmit(4)', 'resubmit=5', 'resubmit:controller']),
  ),
  action('resubmit table', ({ random }) => `resubmit(,${random.below(255)})`),
  action('resubmit port table', ({ random }) =>
    random.pick(['resubmit(1,2)', 'resubmit(in_port,3)', 'resubmit(local,254)', 'resubmit(5,)']),
  ),
  action(
    'resubmit ct',
    ({ random }) => random.pick(['resubmit(,3,ct)', 'resubmit(1,2,ct)', 'resubmit(6,,ct)']),
    has('ct_tp_src'),
  ),
]
