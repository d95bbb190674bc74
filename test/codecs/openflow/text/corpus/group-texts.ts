/** Group mods: every type and command, buckets in every form that ovs-ofctl(8) shows, selection methods where they exist. */
import type { GroupCommand } from '../../support/ofctl.ts'
import { listOf } from './action-options.ts'
import { setActions } from './action-texts.ts'
import { familyOf, fields, isTunnelMetadata } from './fields.ts'
import type { Text, Wish } from './flow-texts.ts'
import { type Option, Random } from './random.ts'
import { newScene, type Scene } from './scene.ts'
import { macText, numberText } from './values.ts'

/** Bucket ids and selection methods are of OpenFlow 1.5, and of Open vSwitch's own group mod for 1.0. */
const hasIds = (version: number): boolean => version === 1 || version === 6

const bucketKeys: readonly Option<Scene>[] = [
  {
    name: 'bucket watch_port',
    make: ({ random }) => `watch_port${random.pick([':', '='])}${random.pick(['1', '7', '65279'])}`,
  },
  {
    name: 'bucket watch_group',
    make: ({ random }) =>
      `watch_group${random.pick([':', '='])}${numberText(random, random.between(1, 9999))}`,
  },
]

interface Writing {
  readonly scene: Scene
  readonly type: string
  readonly ids: boolean
}

const bucket = ({ scene, type, ids }: Writing, number: number): string => {
  const { random } = scene
  const keys: string[] = []
  if (type === 'select' && random.chance(0.7)) {
    random.name('bucket weight')
    keys.push(`weight${random.pick([':', '='])}${random.bits(16)}`)
  }
  if (type === 'ff' || type === 'fast_failover') {
    keys.push(random.option(scene, bucketKeys))
    if (random.chance(0.1))
      keys.push(keys.at(-1)?.startsWith('watch_port') ? 'watch_group=3' : 'watch_port=any')
  }
  if (ids && hasIds(scene.version)) {
    random.name('bucket bucket_id')
    keys.push(`bucket_id${random.pick([':', '='])}${number}`)
  }
  const inner = { ...newScene(random, scene.version), depth: 1 }
  const plain = random.chance(0.3)
  random.name(plain ? 'bucket bare actions' : 'bucket actions=')
  const actions = random.chance(0.05) ? 'drop' : listOf(inner, setActions, plain ? 1 : 3)
  const body = [...keys, plain ? actions : `${random.pick(['actions', 'action'])}=${actions}`]
  return `bucket=${body.join(random.pick([',', ',', ', ', ' ']))}`
}

const masks: Readonly<Record<string, string>> = {
  ipv4: '255.255.255.0',
  ipv6: 'ffff:ffff::',
  hex: '0xff',
  decimal: '255',
  port: '65535',
}

const hashField = (scene: Scene): string => {
  const { random } = scene
  const possible = fields.filter(
    ({ format, needs, bits, symbols }) =>
      symbols.length > 0 &&
      ['ipv4', 'ipv6', 'mac', 'hex', 'decimal'].includes(format) &&
      needs !== 'ct' &&
      bits <= 128,
  )
  const family = random.least([...new Set(possible.map(familyOf))], (one) => `~group field ${one}`)
  const field = random.pick(possible.filter((one) => familyOf(one) === family))
  random.name(`~group field ${family}`)
  const name = random.pick(field.names)
  if (!field.maskable || isTunnelMetadata(field) || field.bits < 12 || random.chance(0.6)) return name
  random.name('group field mask')
  return `${name}=${field.format === 'mac' ? macText(random).replace(/^[^:]*/, 'ff') : (masks[field.format] ?? '')}`
}

const selection = (scene: Scene): readonly string[] => {
  const { random } = scene
  const method = random.pick(['hash', 'dp_hash', 'hash'])
  random.name(`group selection_method ${method}`)
  const keys = [`selection_method=${method}`]
  if (random.chance(0.5)) {
    random.name('group selection_method_param')
    keys.push(`selection_method_param=${numberText(random, random.bits(64))}`)
  }
  if (method === 'hash' && random.chance(0.8)) {
    const list = [...new Set(Array.from({ length: random.between(1, 3) }, () => hashField(scene)))]
    const single = list.length === 1 && random.chance(0.5)
    random.name(single ? 'group fields=' : 'group fields()')
    keys.push(single ? `fields=${list[0]}` : random.pick([`fields(${list.join(',')})`, `fields=${list[0]}`]))
  }
  return keys
}

const groupTypes = ['all', 'select', 'indirect', 'ff', 'fast_failover']

const groupId = (random: Random): string =>
  `group_id=${random.chance(0.1) ? 4294967040 : numberText(random, random.below(100000))}`

const buckets = (writing: Writing, least: number, most: number): readonly string[] => {
  const count = writing.scene.random.between(least, most)
  return Array.from({ length: count }, (_one, number) => bucket(writing, number))
}

const body = (scene: Scene, command: GroupCommand, inFile: boolean): readonly string[] => {
  const { random } = scene
  const id = groupId(random)
  switch (command) {
    case 'delete':
      return inFile && random.chance(0.1) ? [] : [random.chance(0.1) ? 'group_id=all' : id]
    case 'insert_bucket': {
      const at = random.pick(['first', 'last', '3', '0x4', '4294967040'])
      random.name(`group command_bucket_id`)
      return [
        id,
        `command_bucket_id=${at}`,
        ...buckets({ scene, type: random.pick(['all', 'select']), ids: true }, 0, 3),
      ]
    }
    case 'remove_bucket':
      random.name(`group command_bucket_id`)
      return [
        id,
        ...(random.chance(0.8) ? [`command_bucket_id=${random.pick(['first', 'last', 'all', '3'])}`] : []),
      ]
    default: {
      const type = random.least(groupTypes, (one) => `group ${one}`)
      random.name(`group ${type}`)
      const method = type === 'select' && hasIds(scene.version) && random.chance(0.6) ? selection(scene) : []
      const [least, most] = type === 'indirect' ? [1, 1] : [0, 4]
      return [
        ...random.shuffle([id, `type=${type}`, ...method]),
        ...buckets({ scene, type, ids: random.chance(0.4) }, least, most),
      ]
    }
  }
}

const commandsOf = (version: number): readonly GroupCommand[] => [
  'add',
  'add',
  'add',
  'modify',
  'add_or_mod',
  'delete',
  ...(hasIds(version) ? (['insert_bucket', 'remove_bucket'] as const) : []),
]

/** Group mods that ovs-ofctl 3.1 takes in that version. */
export const groupTexts = ({ seed, count, version }: Wish): readonly Text<GroupCommand>[] => {
  const random = new Random(seed)
  return Array.from({ length: count }, () => {
    const command = random.least(commandsOf(version), (one) => `group command ${one}`)
    const inFile = command === 'add' || random.chance(0.5)
    random.name(`group command ${command}`)
    const scene = newScene(random, version)
    const text = body(scene, command, inFile).join(random.pick([',', ',', ', ', ' ', '\t']))
    if (!inFile) return { text, command, features: random.takeNames() }
    const word = command !== 'add' || random.chance(0.1)
    if (word) random.name(`group word ${command}`)
    return {
      text: word ? `${command} ${text}`.trim() : text,
      command: undefined,
      features: random.takeNames(),
    }
  })
}
