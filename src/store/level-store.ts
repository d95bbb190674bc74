/** The store on disk: one LevelDB directory, one process, every write synced before it is acknowledged. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { type KeyValues, openKeyedStore } from './keyed-store.ts'
import { type Store, StoreError, type StoreErrorCode } from './store.ts'
import { isWholeLog } from './write-ahead-log.ts'

/** Creates the directory when it is absent or empty. Rejects with `StoreError`: LOCKED, IO, CORRUPT or FORMAT. */
export async function openLevelStore(directory: string): Promise<Store> {
  const database = await levelDatabase(directory)
  try {
    return await openKeyedStore(database)
  } catch (error: unknown) {
    await database.close()
    throw error
  }
}

async function levelDatabase(directory: string): Promise<KeyValues> {
  let level = await openLevel(directory)
  const attempt = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => Promise.reject(inWords(error, directory)))
  return {
    place: directory,
    get: (key) => attempt(level.get(key)),
    range: ({ prefix, reverse = false, limit = -1 }) =>
      attempt(level.iterator({ gte: prefix, lt: `${prefix}\uffff`, reverse, limit }).all()),
    write: (writes) => {
      const operations = writes.map(({ key, value }) =>
        value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
      )
      return attempt(level.batch(operations, { sync: true }))
    },
    // LevelDB may have written half a record: what follows it in the same file could be lost. Opening starts a new file.
    recover: async () => {
      await attempt(level.close())
      level = await openLevel(directory)
    },
    close: () => attempt(level.close()),
  }
}

async function openLevel(directory: string): Promise<Level> {
  try {
    const damage = await damageIn(directory)
    if (damage !== undefined) throw new StoreError('CORRUPT', `${directory} ${advice.CORRUPT(damage)}`)
    const level = new Level(directory)
    await level.open()
    return level
  } catch (error: unknown) {
    throw inWords(error, directory)
  }
}

/** What LevelDB would not mention: it starts afresh without CURRENT, and drops what follows damage in a log. */
async function damageIn(directory: string): Promise<string | undefined> {
  let names: readonly string[]
  try {
    names = await readdir(directory)
  } catch (error: unknown) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  if (!names.includes('CURRENT')) {
    return names.some((name) => /^MANIFEST-|\.(?:ldb|sst)$/.test(name)) ? 'CURRENT is missing' : undefined
  }
  for (const name of names.filter((one) => one.endsWith('.log'))) {
    if (!isWholeLog(await readFile(join(directory, name)))) return `${name} is not as it was written`
  }
  return undefined
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** LevelDB's error as ours: the innermost cause says most. */
function inWords(error: unknown, directory: string): StoreError {
  if (error instanceof StoreError) return error
  let cause = error
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause
  const detail = cause instanceof Error ? cause.message : String(cause)
  const code = codes[codeOf(cause)] ?? 'IO'
  return new StoreError(code, `${directory} ${advice[code](detail)}`, error)
}

const codes: Readonly<Record<string, 'LOCKED' | 'CORRUPT' | 'IO' | 'CLOSED'>> = {
  LEVEL_LOCKED: 'LOCKED',
  LEVEL_CORRUPTION: 'CORRUPT',
  LEVEL_DATABASE_NOT_OPEN: 'CLOSED',
}

const advice: Readonly<
  Record<Extract<StoreErrorCode, 'LOCKED' | 'CORRUPT' | 'IO' | 'CLOSED'>, (detail: string) => string>
> = {
  LOCKED: () => 'is in use by another controller. Stop that one, or choose another directory with --data',
  CORRUPT: (detail) =>
    `is damaged (${detail}); it was left as it is. Put back a copy of it, or move it away, start again and apply your topology file`,
  IO: (detail) =>
    `cannot be used: ${detail}. What was acknowledged is still there; free space or mend the disk and try again`,
  CLOSED: (detail) => `is not open (${detail}). Start again`,
}
