/** `parseMeter`: one meter in ovs-ofctl's syntax as a meter-mod. */
import type { MeterBandInput } from '../../common/meter.ts'
import { allMeters } from '../../common/names.ts'
import type { MessageInputOf } from '../../message.ts'
import { number } from './number.ts'
import { type Piece, piece, slice, syntaxError, words } from './scan.ts'

export type MeterCommand = 'add' | 'modify' | 'delete'

export interface ParseMeterOptions {
  readonly command?: MeterCommand
}

/** A meter-mod but for version and xid; it is the same in every version that has meters. */
export type ParsedMeter = Omit<MessageInputOf<'meter_mod'>, 'version' | 'xid'>

type Flag = NonNullable<ParsedMeter['flags']>[number]

const flagOrder: readonly Flag[] = ['kbps', 'pktps', 'burst', 'stats']
const lastMeter = 0xffff_0000

const virtualMeters: ReadonlyMap<string, number> = new Map([
  ['all', allMeters],
  ['controller', 0xffff_fffe],
  ['slowpath', 0xffff_fffd],
])

/**
 * The meter-mod that a text says, without version and xid.
 * @throws EncodeError with `at`, the offset in the text
 */
export function parseMeter(text: string, { command = 'add' }: ParseMeterOptions = {}): ParsedMeter {
  const whole = piece(text)
  const defines = command !== 'delete'
  const [head, tail] = defines ? splitBands(whole) : [whole, undefined]
  const { meterId, flags } = meter(head, defines)
  if (meterId === undefined) throw syntaxError(whole, 'a meter needs meter=')
  if (tail === undefined) return { type: 'meter_mod', command, meterId }
  if (flags.length === 0) throw syntaxError(head, 'a meter counts kbps or pktps')
  const bands = bandsOf(tail, flags.includes('burst'))
  return { type: 'meter_mod', command, meterId, flags, bands }
}

function splitBands(whole: Piece): readonly [Piece, Piece] {
  const start = whole.text.indexOf('band')
  const equals = start < 0 ? -1 : whole.text.indexOf('=', start + 1)
  if (equals < 0) throw syntaxError({ at: whole.at + whole.text.length }, 'a meter needs bands=')
  return [slice(whole, 0, start), slice(whole, equals + 1)]
}

const separators = '=, \t\r\n'

function meter(head: Piece, defines: boolean): { meterId: number | undefined; flags: readonly Flag[] } {
  const found = new Set<Flag>()
  let meterId: number | undefined
  const pieces = [...words(head, separators)]
  for (let index = 0; index < pieces.length; index++) {
    const key = pieces[index] as Piece
    const flag = defines ? flagOrder.find((one) => one === key.text) : undefined
    if (flag !== undefined) {
      found.add(flag)
      continue
    }
    index++
    const value = pieces[index]
    if (value === undefined) throw syntaxError(key, `${key.text} needs a value`)
    if (key.text !== 'meter') throw syntaxError(key, `unknown keyword ${key.text}`)
    meterId = meterNumber(value)
  }
  return { meterId, flags: flagOrder.filter((one) => found.has(one)) }
}

function meterNumber(word: Piece): number {
  const virtual = virtualMeters.get(word.text)
  if (virtual !== undefined) return virtual
  const id = number(word, 32, 'a meter')
  if (id === 0 || id > lastMeter) throw syntaxError(word, `a meter is 1 to ${lastMeter}, not ${word.text}`)
  return id
}

interface BandDraft {
  readonly at: Piece
  readonly type: 'drop' | 'dscp_remark'
  rate: number
  burstSize: number
  precLevel: number
}

function bandsOf(tail: Piece, withBurst: boolean): readonly MeterBandInput[] {
  const drafts: BandDraft[] = []
  const pieces = words(tail, separators)
  for (let index = 0; index < pieces.length; index += 2) {
    const [key, value] = [pieces[index] as Piece, pieces[index + 1]]
    if (value === undefined) throw syntaxError(key, `${key.text} needs a value`)
    if (key.text === 'type') drafts.push(bandOfType(value))
    else bandField(drafts.at(-1), key, value)
  }
  if (drafts.length === 0) throw syntaxError(tail, 'a meter needs a band: type=drop rate=...')
  return drafts.map((one) => band(one, withBurst))
}

function bandOfType(word: Piece): BandDraft {
  if (word.text !== 'drop' && word.text !== 'dscp_remark')
    throw syntaxError(word, `a band drops or dscp_remarks, not "${word.text}"`)
  return { at: word, type: word.text, rate: 0, burstSize: 0, precLevel: 0 }
}

function bandField(draft: BandDraft | undefined, key: Piece, value: Piece): void {
  if (draft === undefined) throw syntaxError(key, 'a band begins with type=')
  if (key.text === 'rate') draft.rate = number(value, 32, 'a rate')
  else if (key.text === 'burst_size') draft.burstSize = number(value, 32, 'a burst size')
  else if (key.text === 'prec_level') draft.precLevel = number(value, 8, 'a precedence level')
  else throw syntaxError(key, `unknown keyword ${key.text}`)
}

function band({ at, type, rate, burstSize, precLevel }: BandDraft, withBurst: boolean): MeterBandInput {
  if (rate === 0) throw syntaxError(at, 'a band needs a rate')
  if (withBurst !== burstSize > 0) throw syntaxError(at, 'burst_size and the flag burst need each other')
  if ((type === 'dscp_remark') !== precLevel > 0)
    throw syntaxError(at, 'prec_level belongs to dscp_remark, which needs it')
  return type === 'drop' ? { type, rate, burstSize } : { type, rate, burstSize, precLevel }
}
