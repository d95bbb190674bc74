/** Names for numbers and flags that a later version brought, taken away for the versions before it. */
import type { AnyCodec, Codec, Layout } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'

/**
 * A codec that has no names for these, with the type of the later one that has: writing one of them is an error that
 * says that the version is the reason.
 */
export function lacking<T>(early: AnyCodec, later: readonly string[]): Codec<T> {
  const codec = early as Codec<T>
  const names = new Set<unknown>(later)

  function refuseLater(value: unknown): void {
    const found: unknown = Array.isArray(value) ? value.find((one) => names.has(one)) : value
    if (names.has(found)) throw new EncodeError('VERSION', `this version has no ${String(found)}`)
  }

  const { layout } = codec
  return {
    ...codec,
    write(w, value) {
      refuseLater(value)
      codec.write(w, value)
    },
    ...(layout === undefined ? {} : { layout: refusing(layout, refuseLater) }),
  }
}

function refusing(layout: Layout, refuseLater: (value: unknown) => void): Layout {
  return {
    ...layout,
    toNumber(value) {
      refuseLater(value)
      return layout.toNumber === undefined ? value : layout.toNumber(value)
    },
  }
}
