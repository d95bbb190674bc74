/** Fields and parts of fields as actions name them: reg0, reg0[], reg0[5], NXM_NX_REG0[0..15]. */
import { familyOf, type Field, fields, isTunnelMetadata } from './fields.ts'
import { hasField, type Scene } from './scene.ts'

export interface Spec {
  readonly text: string
  readonly field: Field
  readonly bits: number
}

export interface Wanted {
  readonly writable?: boolean
  readonly atLeast?: number
  /** 64 unless told: more do not fit where the width is told in six bits. */
  readonly atMost?: number
  /** Exactly so many bits. */
  readonly bits?: number
  /** As learn, bundle_load and multipath ask: no field of an experimenter's own class. */
  readonly plain?: boolean
  readonly only?: (field: Field) => boolean
}

const experimenter = /^(?:NXOXM|ONFOXM|ERICOXM)_/

/** Their whole width depends on a table in the switch, so parts are written for the first bits only. */
const widthOf = (field: Field): number => (isTunnelMetadata(field) ? 32 : field.bits)

const subfieldable = (scene: Scene, field: Field, wanted: Wanted): boolean =>
  field.symbols.length > 0 &&
  hasField(scene, field) &&
  (!wanted.writable || field.loadable) &&
  (!wanted.plain || !experimenter.test(field.symbols[0] ?? '')) &&
  widthOf(field) >= (wanted.bits ?? wanted.atLeast ?? 1) &&
  (wanted.only?.(field) ?? true)

/** Picks a field and some of its bits. The use names the feature: "load to", "push". */
export const fieldSpec = (scene: Scene, use: string, wanted: Wanted = {}): Spec => {
  const { random } = scene
  const possible = fields.filter((field) => subfieldable(scene, field, wanted))
  const family = random.least([...new Set(possible.map(familyOf))], (one) => `~${use} ${one}`)
  const field = random.pick(possible.filter((one) => familyOf(one) === family))
  random.name(`~${use} ${family}`)
  const width = widthOf(field)
  const low = wanted.bits ?? wanted.atLeast ?? 1
  const high = Math.min(width, wanted.bits ?? wanted.atMost ?? 64)
  const whole = width <= high && width >= low && (isTunnelMetadata(field) ? false : random.chance(0.6))
  const bits = whole ? width : random.between(low, high)
  const first = random.below(width - bits + 1)
  return { text: `${written(scene, field)}${brackets(scene, whole, first, bits)}`, field, bits }
}

const written = (scene: Scene, field: Field): string => {
  const { random } = scene
  const named = random.chance(0.5)
  random.name(named ? 'spec by name' : 'spec by symbol')
  return random.pick(named ? field.names.filter((name) => !name.startsWith('tp_')) : field.symbols)
}

const brackets = (scene: Scene, whole: boolean, first: number, bits: number): string => {
  const { random } = scene
  if (whole && random.chance(0.5)) {
    random.name('spec without brackets')
    return ''
  }
  if (whole && random.chance(0.7)) {
    random.name('spec []')
    return '[]'
  }
  if (bits === 1 && random.chance(0.7)) {
    random.name('spec [bit]')
    return `[${first}]`
  }
  random.name('spec [first..last]')
  return `[${first}..${first + bits - 1}]`
}
