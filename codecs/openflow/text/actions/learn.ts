/** The text of the learn action. */
import type { LearnSpec } from '../../actions/learn.ts'
import type { FieldBit } from '../../fields/subfield.ts'
import { bitRange, bitsOf, setName } from '../names.ts'
import { hexOrZero, setValue } from '../value.ts'
import { type ActionOf, inParentheses, tableName, type TextOptions, type Texts } from './words.ts'

type Learn = ActionOf<'nx_learn' | 'nx_learn2'>

const defaultPriority = 0x8000

const sameBit = (a: FieldBit, b: FieldBit): boolean =>
  a.field === b.field && a.offset === b.offset && a.oxmClass === b.oxmClass

/** A match on a whole field has the field's name and its way to write values. */
function matchNumber(
  value: bigint,
  { nBits, dst }: { readonly nBits: number; readonly dst: FieldBit },
): string {
  const { field, oxmClass, offset } = dst
  if (offset !== 0 || nBits !== bitsOf(field, oxmClass))
    return `${bitRange({ ...dst, nBits })}=${hexOrZero(value)}`
  const name = field === 'in_port' && oxmClass !== undefined ? 'in_port_oxm' : setName(field)
  return `${name}=${setValue({ field, value: field === 'in_port' ? port(value, oxmClass) : value })}`
}

/** Reserved ports of 16 bits have the names of those of 32. */
const port = (value: bigint, oxmClass: number | undefined): bigint =>
  oxmClass === undefined && value >= 0xff00n ? 0xffff_0000n + value : value

function specText(spec: LearnSpec): string {
  const { nBits } = spec
  if (spec.type === 'output') return `output:${bitRange({ ...spec.src, nBits })}`
  const target = bitRange({ ...spec.dst, nBits })
  if (spec.type === 'load') {
    const source = spec.src === undefined ? hexOrZero(spec.value) : bitRange({ ...spec.src, nBits })
    return `load:${source}->${target}`
  }
  if (spec.src === undefined) return matchNumber(spec.value, spec)
  return sameBit(spec.src, spec.dst) ? target : `${target}=${bitRange({ ...spec.src, nBits })}`
}

function learn(one: Learn, options: TextOptions): string {
  const limit = 'limit' in one ? one.limit : 0
  const resultDst = 'resultDst' in one ? one.resultDst : undefined
  return inParentheses('learn', [
    `table=${tableName(one.tableId, options)}`,
    one.idleTimeoutS !== 0 && `idle_timeout=${one.idleTimeoutS}`,
    one.hardTimeoutS !== 0 && `hard_timeout=${one.hardTimeoutS}`,
    one.finIdleTimeoutS !== 0 && `fin_idle_timeout=${one.finIdleTimeoutS}`,
    one.finHardTimeoutS !== 0 && `fin_hard_timeout=${one.finHardTimeoutS}`,
    one.priority !== defaultPriority && `priority=${one.priority}`,
    one.flags.includes('send_flow_rem') && 'send_flow_rem',
    one.flags.includes('delete_learned') && 'delete_learned',
    one.cookie !== 0n && `cookie=${hexOrZero(one.cookie)}`,
    limit !== 0 && `limit=${limit}`,
    resultDst !== undefined && `result_dst=${bitRange({ ...resultDst, nBits: 1 })}`,
    ...one.specs.map(specText),
  ])
}

export const learnTexts: Texts<'nx_learn' | 'nx_learn2'> = { nx_learn: learn, nx_learn2: learn }
