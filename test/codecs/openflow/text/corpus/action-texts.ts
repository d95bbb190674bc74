/** Lists of actions, and instructions in the order that they must have: everything after actions=. */
import { action, argument, listOf } from './action-options.ts'
import { become, headers, metadata } from './header-texts.ts'
import { nestedActions } from './nested-texts.ts'
import { controllers, links, outputs, resubmits } from './output-texts.ts'
import type { Option } from './random.ts'
import { registers } from './register-texts.ts'
import type { Scene } from './scene.ts'
import { numberText } from './values.ts'

const simpleActions: readonly Option<Scene>[] = [
  ...outputs,
  ...controllers,
  ...headers,
  ...registers,
  ...links,
  ...metadata,
  ...resubmits,
]

const allActions = [...simpleActions, ...nestedActions(simpleActions)]

/** What an action set may hold. */
export const setActions: readonly Option<Scene>[] = [
  ...outputs.filter(({ name }) => !/max_len|field|_reg|enqueue/.test(name)),
  ...headers.filter(({ name }) => !/ids|nsh/.test(name)),
  ...registers.filter(({ name }) => /set_field|load|move/.test(name)),
  ...metadata.filter(({ name }) => /set_tunnel|set_queue/.test(name)),
  ...resubmits.filter(({ name }) => !/ct/.test(name)),
]

/** What leaves the packet's headers unknown, so that it comes last. */
const capsules: readonly Option<Scene>[] = [
  action(
    'encap ethernet',
    () => 'encap(ethernet)',
    (scene) => !scene.ethernet,
  ),
  action('encap nsh', ({ random }) =>
    random.pick([
      'encap(nsh)',
      'encap(nsh())',
      'encap(nsh(md_type=1))',
      'encap(nsh(md_type=2))',
      'encap(nsh(md_type=2,tlv(0x1000,10,0x12345678)))',
      'encap(nsh(md_type=2,tlv(0x1,2,0x0102),tlv(0xffff,255,0xaabbccddeeff001122)))',
      'encap:nsh',
    ]),
  ),
  action('encap mpls', ({ random }) => random.pick(['encap(mpls)', 'encap(mpls_mc)'])),
  action('decap', () => 'decap'),
  action('decap packet_type', ({ random }) =>
    random.pick([
      'decap(packet_type(ns=0,type=0))',
      'decap(packet_type(ns=1,type=0x800))',
      'decap(packet_type(ns=1,type=2048))',
    ]),
  ),
]

const conjunctions = ({ random }: Scene): string => {
  random.name('action conjunction')
  const made = [
    random.pick([
      'conjunction(1,1/2)',
      'conjunction(4294967295,64/64)',
      'conjunction(7, 2/3)',
      'conjunction(0x8,1/2)',
    ]),
  ]
  if (random.chance(0.3)) made.push('conjunction(9,3/5)')
  if (random.chance(0.3)) made.push('note:01')
  return made.join(',')
}

const applied = (scene: Scene): readonly string[] => {
  const { random } = scene
  const made = random.chance(0.9) ? [listOf(scene, allActions, random.chance(0.2) ? 8 : 4)] : []
  if (scene.version >= 4 && random.chance(0.06)) {
    made.push(random.option(scene, capsules))
    scene.ethernet = false
    scene.vlan = false
    become(scene, undefined)
  }
  return made
}

const instructions = (scene: Scene): readonly string[] => {
  const { random, version } = scene
  const made: string[] = []
  if (version >= 2 && random.chance(0.1)) {
    random.name('instruction clear_actions')
    made.push('clear_actions')
  }
  if (version >= 2 && random.chance(0.15)) {
    random.name('instruction write_actions')
    made.push(`write_actions(${listOf({ ...scene, depth: 1 }, setActions, 3)})`)
  }
  if (random.chance(0.12)) {
    random.name('instruction write_metadata')
    const [value, mask] = [random.bits(64), random.bits(64)].map((bits) => numberText(random, bits))
    made.push(`write_metadata:${random.chance(0.5) ? value : `${value}/${mask}`}`)
  }
  if (version >= 2 && scene.table !== 254 && random.chance(0.15)) {
    random.name('instruction goto_table')
    const first = scene.table === 255 ? 1 : scene.table + 1
    made.push(argument(scene, 'goto_table', random.between(first, 254)))
  }
  return made
}

/** Everything after actions=. */
export const actionsText = (scene: Scene): string => {
  const { random, version } = scene
  if (random.chance(0.06)) {
    random.name('action drop')
    return random.pick(['drop', 'drop', 'Drop', ''])
  }
  if (random.chance(0.03)) return conjunctions(scene)
  const made: string[] = []
  if (version >= 4 && random.chance(0.08)) {
    random.name('instruction meter')
    made.push(argument(scene, 'meter', numberText(random, random.between(1, 1000))))
  }
  made.push(...applied(scene), ...instructions(scene))
  return made.length === 0 ? 'drop' : made.join(random.pick([',', ',', ', ', ' ', '\t']))
}
