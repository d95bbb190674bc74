/** The learn action in ovs-ofctl's syntax. */
import type { LearnSpec } from '../../../actions/learn.ts'
import type { FieldBit } from '../../../fields/subfield.ts'
import { fieldRow } from '../../../fields/table.ts'
import { putSubfield } from '../match.ts'
import { reservedPortOf, table, unsigned } from '../number.ts'
import { packetOf } from '../packet-state.ts'
import { type Pair, pairsOf, type Piece, syntaxError } from '../scan.ts'
import { type Subfield, subfield } from '../subfield.ts'
import { valueOf } from '../value.ts'
import type { Slots } from '../slots.ts'
import { type ActionContext, type ActionParser, arrow, loose } from './context.ts'
import { checkSource, checkTarget } from './fitness.ts'

type Flag = 'send_flow_rem' | 'delete_learned'

interface Draft {
  idleTimeoutS: number
  hardTimeoutS: number
  finIdleTimeoutS: number
  finHardTimeoutS: number
  priority: number
  cookie: bigint
  tableId: number
  flags: Flag[]
  limit: number
  resultDst?: Subfield
  specs: LearnSpec[]
}

/** Undefined where the text names no field. */
function maybeSubfield(word: Piece): Subfield | undefined {
  try {
    return subfield(word)
  } catch {
    return undefined
  }
}

const fieldBit = ({ field, offset, oxmClass }: Subfield): FieldBit => ({
  field,
  offset,
  ...(oxmClass === undefined ? {} : { oxmClass }),
})

/** `FIELD=FIELD`, `FIELD=NUMBER`, or `FIELD` alone for the same field of the packet. */
function matchSpec(key: Piece, value: Piece, dst: Subfield): LearnSpec {
  const base = { type: 'match', nBits: dst.nBits, dst: fieldBit(dst) } as const
  if (value.text === '') return { ...base, src: fieldBit(dst) }
  const src = maybeSubfield(value)
  if (src === undefined) return { ...base, value: numberFor(dst, value) }
  if (src.nBits !== dst.nBits)
    throw syntaxError(value, `${key.text} has ${dst.nBits} bits, ${value.text} has ${src.nBits}`)
  return { ...base, src: fieldBit(src) }
}

/** A whole field has values in its own form; some bits of it have a number. */
function numberFor({ field, offset, nBits }: Subfield, word: Piece): bigint {
  const row = fieldRow(field)
  // NXM's port has 16 bits, and its reserved numbers are the lower half of OpenFlow's.
  const port = row?.format === 'port' ? reservedPortOf(word.text) : undefined
  if (port !== undefined) return BigInt.asUintN(nBits, BigInt(port))
  if (row === undefined || offset !== 0 || nBits !== (row.bits ?? row.width * 8))
    return unsigned(word, nBits, field)
  return valueOf(word, { name: field, format: row.format, bits: row.width * 8 }).value
}

/** `load:FIELD->FIELD` and `load:NUMBER->FIELD`. */
function loadSpec(value: Piece): LearnSpec {
  const [from, to] = arrow(value)
  const dst = subfield(to)
  const base = { type: 'load', nBits: dst.nBits, dst: fieldBit(dst) } as const
  const src = maybeSubfield(from)
  if (src === undefined) return { ...base, value: unsigned(from, Math.max(dst.nBits, 1), to.text) }
  if (src.nBits !== dst.nBits)
    throw syntaxError(value, `${from.text} has ${src.nBits} bits, ${to.text} has ${dst.nBits}`)
  return { ...base, src: fieldBit(src) }
}

interface Making {
  readonly context: ActionContext
  /** What the new flow is known to match, by the specifications so far. */
  readonly made: Slots
}

function spec({ key, value }: Pair, { context, made }: Making): LearnSpec {
  const dst = maybeSubfield(key)
  const one = dst === undefined ? otherSpec(key, value) : matchSpec(key, value, dst)
  if (one.src !== undefined) checkSource(one.src, context, value)
  if (one.type === 'output') return one
  const { packet } = context
  const later = { ...context, packet: packet === undefined ? undefined : packetOf(made) }
  if (one.type === 'load') checkTarget(one.dst, later, value)
  else checkSource(one.dst, later, key)
  if (dst !== undefined && one.value !== undefined) putSubfield(made, dst, { value: one.value, word: value })
  return one
}

function otherSpec(key: Piece, value: Piece): LearnSpec {
  if (key.text === 'load') return loadSpec(value)
  if (key.text !== 'output') throw syntaxError(key, `learn has no ${key.text}`)
  const src = subfield(value)
  return { type: 'output', nBits: src.nBits, src: fieldBit(src) }
}

function keyword(draft: Draft, { key, value }: Pair): boolean {
  switch (key.text) {
    case 'table':
      draft.tableId = table(value)
      return true
    case 'priority':
      draft.priority = loose(value, 16)
      return true
    case 'idle_timeout':
      draft.idleTimeoutS = loose(value, 16)
      return true
    case 'hard_timeout':
      draft.hardTimeoutS = loose(value, 16)
      return true
    case 'fin_idle_timeout':
      draft.finIdleTimeoutS = loose(value, 16)
      return true
    case 'fin_hard_timeout':
      draft.finHardTimeoutS = loose(value, 16)
      return true
    case 'cookie':
      draft.cookie = unsigned(value, 64, 'a cookie')
      return true
    case 'limit':
      draft.limit = loose(value, 32)
      return true
    case 'send_flow_rem':
    case 'delete_learned':
      if (!draft.flags.includes(key.text)) draft.flags.push(key.text)
      return true
    case 'result_dst':
      draft.resultDst = subfield(value)
      if (draft.resultDst.nBits !== 1) throw syntaxError(value, 'the result is one bit')
      if (fieldRow(draft.resultDst.field)?.readOnly === true)
        throw syntaxError(value, `${draft.resultDst.field} cannot be changed`)
      return true
    default:
      return false
  }
}

export const learn: ActionParser = (arg, context) => {
  const draft: Draft = {
    idleTimeoutS: 0,
    hardTimeoutS: 0,
    finIdleTimeoutS: 0,
    finHardTimeoutS: 0,
    priority: 0x8000,
    cookie: 0n,
    tableId: 1,
    flags: [],
    limit: 0,
    specs: [],
  }
  const made: Slots = new Map()
  for (const pair of pairsOf(arg)) if (!keyword(draft, pair)) draft.specs.push(spec(pair, { context, made }))
  if (draft.tableId === 0xff) throw syntaxError(arg, 'learn cannot add to table 255')
  const { limit, resultDst, ...plain } = draft
  if (limit === 0 && resultDst === undefined) return [{ type: 'nx_learn', ...plain }]
  return [
    {
      type: 'nx_learn2',
      ...plain,
      limit,
      ...(resultDst === undefined ? {} : { resultDst: fieldBit(resultDst) }),
    },
  ]
}
