/**
 * Property lists read as fields: each known property becomes a field of its own as long as the list keeps the known
 * order; whatever comes out of order, twice, or unknown stays in `properties`, so that writing gives the same bytes.
 */
import type { AnyCodec, Codec, Inline, OutOf, Simplify } from './codec.ts'
import { within } from './errors.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface Lifted {
  readonly code: number
  /** Length of the whole property; another length leaves it in `properties`. */
  readonly length: number
  readonly codec: AnyCodec
}

type LiftedOut<L extends Readonly<Record<string, Lifted>>, Other> = Simplify<
  { readonly [K in keyof L]?: OutOf<L[K]['codec']> } & { readonly properties?: readonly Other[] }
>

export function liftedProperties<
  const L extends Readonly<Record<string, Lifted>>,
  Other,
  OtherIn extends object,
>(known: L, other: Codec<Other, OtherIn>): Inline<LiftedOut<L, Other>, LiftedOut<L, OtherIn>> {
  const order = Object.entries<Lifted>(known)

  function readInto(r: Reader, out: Record<string, unknown>): void {
    let next = 0
    while (r.end - r.pos >= 4) {
      const code = r.view.getUint16(r.pos)
      const length = r.view.getUint16(r.pos + 2)
      const index = order.findIndex(([, one], at) => at >= next && one.code === code && one.length === length)
      const found = order[index]
      if (found === undefined || length > r.end - r.pos) break
      r.take(4)
      out[found[0]] = found[1].codec.read(r)
      next = index + 1
    }
    if (r.pos < r.end) out['properties'] = readOthers(r)
  }

  function readOthers(r: Reader): Other[] {
    const others: Other[] = []
    try {
      while (r.pos < r.end) others.push(other.read(r))
    } catch (error) {
      throw within(error, `properties[${others.length}]`)
    }
    return others
  }

  function writeFrom(w: Writer, value: Readonly<Record<string, unknown>>): void {
    for (const [name, { code, length, codec }] of order) {
      if (value[name] === undefined) continue
      w.u16(code)
      w.u16(length)
      try {
        codec.write(w, value[name] as never)
      } catch (error) {
        throw within(error, name)
      }
    }
    for (const one of (value['properties'] as readonly OtherIn[] | undefined) ?? []) other.write(w, one)
  }

  return { inline: true, readInto, writeFrom } as unknown as Inline<
    LiftedOut<L, Other>,
    LiftedOut<L, OtherIn>
  >
}
