/**
 * Lists and lengths: a list that fills what is left, a list whose length an earlier field gives, and structures
 * that state their own length. Each demands progress and an exact end, so no input can loop or read past its bounds.
 */
import type { AnyCodec, Codec, InOf, OutOf } from './codec.ts'
import { EncodeError, within } from './errors.ts'
import { generate, lazily } from './generate.ts'
import type { Reader } from './reader.ts'
import { none } from './scalars.ts'
import { type Struct } from './struct.ts'
import type { Writer } from './writer.ts'

/** Items until the end of the enclosing element. */
export function untilEnd<C extends AnyCodec>(item: C): Codec<readonly OutOf<C>[], readonly InOf<C>[]> {
  const scope = { item, mustBeList, none, within }
  return lazily({
    read: () => (generate(readSource, scope) as ListRead<C> | undefined) ?? listRead(item),
    write: () => (generate(writeSource, scope) as ListWrite<C> | undefined) ?? listWrite(item),
  })
}

type ListRead<C> = (r: Reader) => readonly OutOf<C>[]
type ListWrite<C> = (w: Writer, items: readonly InOf<C>[]) => void

const readSource = `return function readList(r) {
  if (r.pos === r.end) return none
  const items = []
  try {
    while (r.pos < r.end) {
      const at = r.pos
      items.push(item.read(r))
      if (r.pos <= at) throw r.fail('LENGTH', 'an element of no length')
    }
  } catch (error) { throw within(error, '[' + items.length + ']') }
  return items
}`

/** What `readSource` says, where functions cannot be made from text. */
const listRead =
  <C extends AnyCodec>(item: C): ListRead<C> =>
  (r) => {
    if (r.pos === r.end) return none
    const items: OutOf<C>[] = []
    try {
      while (r.pos < r.end) {
        const at = r.pos
        items.push(item.read(r) as OutOf<C>)
        if (r.pos <= at) throw r.fail('LENGTH', 'an element of no length')
      }
    } catch (error) {
      throw within(error, `[${items.length}]`)
    }
    return items
  }

const writeSource = `return function writeList(w, items) {
  mustBeList(items)
  let index = 0
  try {
    for (; index < items.length; index++) item.write(w, items[index])
  } catch (error) { throw within(error, '[' + index + ']') }
}`

/** What `writeSource` says. */
const listWrite =
  <C extends AnyCodec>(item: C): ListWrite<C> =>
  (w, items) => {
    mustBeList(items)
    let index = 0
    try {
      for (; index < items.length; index++) item.write(w, items[index] as never)
    } catch (error) {
      throw within(error, `[${index}]`)
    }
  }

/** What is no list must not pass for an empty one. `name`: that of a field that is not the structure's own. */
export function mustBeList(value: readonly unknown[], name?: string): void {
  if (Array.isArray(value)) return
  const error =
    (value as unknown) === undefined
      ? new EncodeError('MISSING', 'the value is missing')
      : new EncodeError('INVALID', `a list is wanted, not a ${typeof value}`)
  throw name === undefined ? error : within(error, name)
}

/** A 16-bit field that gives the length in bytes of the next `announced` list. */
export const lengthAhead = {
  hidden: true,
  read(r: Reader): undefined {
    r.announced = r.u16()
  },
  write(w: Writer): void {
    w.announcedAt = w.take(2)
  },
} as const

/** A list (or anything else) that takes exactly the bytes that `lengthAhead` announced. */
export function announced<Out, In>(inner: Codec<Out, In>): Codec<Out, In> {
  return {
    read(r) {
      const outer = r.end
      const end = r.pos + r.announced
      if (end > outer) throw r.fail('LENGTH', `${r.announced} bytes announced, ${outer - r.pos} left`)
      r.end = end
      const value = inner.read(r)
      if (r.pos !== end) throw r.fail('TRAILING', `${end - r.pos} bytes left over`)
      r.end = outer
      return value
    },
    write(w, value) {
      const at = w.announcedAt
      const start = w.pos
      inner.write(w, value)
      w.patchLength(at, w.pos - start)
    },
  }
}

/** Inside `sized`: the 16-bit field that states the structure's own length. */
export const ownLength = {
  hidden: true,
  read(r: Reader): undefined {
    const at = r.pos
    const end = r.base + r.u16()
    if (end > r.end || end < r.pos)
      throw r.fail('LENGTH', `a length of ${end - r.base} is impossible here`, at)
    r.end = end
  },
  write(w: Writer): void {
    w.lengthAt = w.take(2)
  },
} as const

/** A structure with an `ownLength` field; what follows that field is bounded by it. */
export function sized<Out extends object, In extends object>(inner: Struct<Out, In>): Codec<Out, In> {
  return {
    read(r) {
      const { base, end: outer } = r
      const start = r.pos
      r.base = start
      const value = inner.read(r)
      if (r.pos !== r.end) throw r.fail('TRAILING', `${r.end - r.pos} bytes left over`)
      r.base = base
      r.end = outer
      return value
    },
    write(w, value) {
      const outer = w.lengthAt
      const start = w.pos
      inner.write(w, value)
      w.patchLength(w.lengthAt, w.pos - start)
      w.lengthAt = outer
    },
  }
}

/** A list of exactly one item, where later versions have a list of any length. */
export function exactlyOne<Out, In>(item: Codec<Out, In>): Codec<readonly Out[], readonly In[]> {
  return {
    read: (r) => [item.read(r)],
    write(w, items) {
      const [only, ...more] = items
      if (only === undefined || more.length > 0) {
        throw new EncodeError('VERSION', `this version carries exactly one element here, not ${items.length}`)
      }
      item.write(w, only)
    },
  }
}
