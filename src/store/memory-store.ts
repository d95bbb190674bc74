/** A store that forgets: for tests, and for a controller that is to leave nothing on disk. */
import { type KeyValues, openKeyedStore } from './keyed-store.ts'
import type { Store } from './store.ts'

export function memoryStore(): Promise<Store> {
  return openKeyedStore(memoryDatabase())
}

function memoryDatabase(): KeyValues {
  const values = new Map<string, string>()
  return {
    place: 'memory',
    get: (key) => Promise.resolve(values.get(key)),
    range: ({ prefix, reverse = false, limit }) => {
      const entries = [...values]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
      if (reverse) entries.reverse()
      return Promise.resolve(entries.slice(0, limit))
    },
    write: (writes) => {
      for (const { key, value } of writes) {
        if (value === undefined) values.delete(key)
        else values.set(key, value)
      }
      return Promise.resolve()
    },
    recover: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
