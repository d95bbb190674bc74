/** Actions on fields by name: set_field, load, move, the stack, and what is stored in one bit. */
import { action, type Maker } from './action-options.ts'
import { fieldSpec } from './field-specs.ts'
import { familyOf, type Field, fields, isTunnelMetadata, nameOf } from './fields.ts'
import type { Option } from './random.ts'
import { hasField, type Scene } from './scene.ts'
import { numberText, valueText } from './values.ts'

const settable = (scene: Scene, field: Field): boolean =>
  field.settable &&
  hasField(scene, field) &&
  (nameOf(field) !== 'vlan_vid' || scene.vlan) &&
  (nameOf(field) !== 'vlan_tci' || scene.vlan || scene.version !== 2) &&
  (scene.version !== 2 || field.in11 !== 'no')

/** Fields of connections are set inside ct(exec()) alone, so they are not among the writable ones here. */
const setField: Maker = (scene) => {
  const { random } = scene
  const possible = fields.filter((field) => settable(scene, field))
  const family = random.least([...new Set(possible.map(familyOf))], (one) => `set_field ${one}`)
  const field = random.pick(possible.filter((one) => familyOf(one) === family))
  random.name(`set_field ${family}`)
  if (family === 'vlan_tci') scene.vlan = false
  const names = field.names.filter((name) => !name.startsWith('tp_') || family.startsWith('tcp_'))
  return `set_field:${valueText(random, field, 'set', true)}->${random.pick(names)}`
}

export const registers: readonly Option<Scene>[] = [
  // Three times: most fields are to be set, and only some packets have them.
  action('set_field', setField),
  action('set_field', setField),
  action('set_field', setField),
  action('load', (scene) => {
    const loadable = (field: Field): boolean => nameOf(field) !== 'in_port_oxm' || scene.version !== 6
    const { text, bits, field } = fieldSpec(scene, 'load', { writable: true, atMost: 128, only: loadable })
    if (nameOf(field) === 'vlan_tci') scene.vlan = false
    return `load:${numberText(scene.random, scene.random.bits(Math.min(bits, 64)))}->${text}`
  }),
  action('move', (scene) => {
    const source = fieldSpec(scene, 'move from', { atMost: 128 })
    return `move:${source.text}->${fieldSpec(scene, 'move to', { writable: true, bits: source.bits }).text}`
  }),
  action('push', (scene) => `push:${fieldSpec(scene, 'push', { atMost: 128 }).text}`),
  action('pop', (scene) => `pop:${fieldSpec(scene, 'pop', { writable: true, atMost: 128 }).text}`),
  action('delete_field', (scene) => {
    const field = scene.random.pick(fields.filter(isTunnelMetadata))
    return `delete_field:${nameOf(field)}`
  }),
  action('check_pkt_larger', (scene) => {
    const { text } = fieldSpec(scene, 'check_pkt_larger', { writable: true, bits: 1 })
    return `check_pkt_larger(${scene.random.between(0, 65535)})->${text}`
  }),
]
