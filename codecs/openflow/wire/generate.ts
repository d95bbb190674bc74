/**
 * Functions made from text, and codecs that make theirs when first used. The engine learns of each such function by
 * itself what passes through it; a closure shares what is learnt with all closures of its place in the source, which
 * in a codec of several hundred definitions is everything.
 */
import type { Codec } from './codec.ts'

/** The function that `source` returns, with these names in its scope; undefined where the program forbids it. */
export function generate(source: string, scope: Readonly<Record<string, unknown>>): unknown {
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text comes from definitions, never from input
    const factory = new Function(...Object.keys(scope), source) as (...args: unknown[]) => unknown
    return factory(...Object.values(scope))
  } catch (error) {
    if (error instanceof EvalError) return undefined
    throw error
  }
}

interface Makers<Out, In> {
  readonly read: () => Codec<Out, In>['read']
  readonly write: () => Codec<Out, In>['write']
}

/** Made when first used: a program needs a small part of all definitions. */
export function lazily<Out, In>(make: Makers<Out, In>): Codec<Out, In> {
  let read: Codec<Out, In>['read'] | undefined
  let write: Codec<Out, In>['write'] | undefined
  const codec: { -readonly [K in keyof Codec<Out, In>]: Codec<Out, In>[K] } = {
    read(r) {
      // A copy of this codec comes here again.
      read ??= make.read()
      codec.read = read
      return read(r)
    },
    write(w, value) {
      write ??= make.write()
      codec.write = write
      write(w, value)
    },
  }
  return codec
}
