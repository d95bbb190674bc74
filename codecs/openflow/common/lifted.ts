/**
 * A list of properties, each of one value, as fields: while they come in the usual order and once each, their values are
 * fields of the structure around them; the rest of the list stays in `properties`, so that writing gives the same bytes.
 */
import type { Codec, Inline, Simplify } from '../wire/codec.ts'
import { within } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import type { Pad } from '../wire/scalars.ts'
import { keepRaw, propertyRules, type TlvIn, type TlvOut, type Variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

type AnyProperty = Variant<string, { readonly value: unknown }, never>

type ValueOf<E> = E extends { readonly value: infer T } ? T : never
type OutOfNames<V, M> = { readonly [K in keyof M]?: ValueOf<Extract<TlvOut<V>, { type: M[K] }>> }
type InOfNames<V, M> = { readonly [K in keyof M]?: ValueOf<Extract<TlvIn<V>, { type: M[K] }>> }

type LiftedOut<V, M> = Simplify<OutOfNames<V, M> & { readonly properties?: readonly TlvOut<V>[] }>
type LiftedIn<V, M> = Simplify<InOfNames<V, M> & { readonly properties?: readonly TlvIn<V>[] }>

interface Element {
  readonly type: string
  readonly value?: unknown
}

/** `names`: the field for each property's name, in the usual order. */
export function lifted<
  const V extends readonly AnyProperty[],
  const M extends Readonly<Record<string, V[number]['name']>>,
>(variants: V, names: M): Inline<LiftedOut<V[number], M>, LiftedIn<V[number], M>> {
  const list = untilEnd(tlvUnion(variants, propertyRules)) as unknown as Codec<readonly Element[]>
  const one = tlvUnion(variants, propertyRules) as unknown as Codec<Element>
  const order = Object.entries(names)

  const inline: Inline<object, Readonly<Record<string, unknown>>> = {
    inline: true,
    readInto(r, out) {
      const elements = list.read(r)
      let next = 0
      for (const [index, { type, value }] of elements.entries()) {
        const place = order.findIndex(([, name], at) => at >= next && name === type)
        const field = order[place]?.[0]
        if (field === undefined) {
          out['properties'] = elements.slice(index)
          return
        }
        out[field] = value
        next = place + 1
      }
    },
    writeFrom(w, fields) {
      for (const [field, type] of order) {
        if (fields[field] === undefined) continue
        try {
          one.write(w, { type, value: fields[field] })
        } catch (error) {
          throw within(error, field)
        }
      }
      try {
        list.write(w, (fields['properties'] as readonly Element[] | undefined) ?? [])
      } catch (error) {
        throw within(error, 'properties')
      }
    },
  }
  return inline as unknown as Inline<LiftedOut<V[number], M>, LiftedIn<V[number], M>>
}

/** Fills the property but for `spare` bytes after it. In one of another length it leaves the property as bytes. */
export function filling<Out, In>(codec: Codec<Out, In>, spare = 0): Codec<Out, In> {
  return {
    read(r) {
      const value = codec.read(r)
      if (r.end - r.pos !== spare) throw keepRaw
      r.pos = r.end
      return value
    },
    write(w, value) {
      codec.write(w, value)
      w.zeros(spare)
    },
  }
}

/** The property ends here. One that does not stays as bytes. */
export const nothingMore: Pad = {
  hidden: true,
  read(r) {
    if (r.pos !== r.end) throw keepRaw
  },
  write: () => undefined,
}
