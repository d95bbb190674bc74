/**
 * A store over any ordered key-value database that writes batches atomically. Keys:
 * `head` (revision and digest), `object/<object>`, `log/<revision>`, `remembered/<key>`.
 *
 * The head carries a digest over all objects, so that a database which lost or altered one is noticed when it is opened.
 */
import { crc32 } from 'node:zlib'
import type { Edit } from '../model/declaration.ts'
import { specFromObjects } from '../model/edits.ts'
import {
  type Commit,
  type CommitOutcome,
  LOG_LENGTH,
  type LogEntry,
  REMEMBERED_BYTES,
  type Store,
  type Stored,
  StoreError,
} from './store.ts'

export type Write = { readonly key: string; readonly value: string | undefined }

export interface RangeOptions {
  readonly prefix: string
  readonly reverse?: boolean
  readonly limit?: number
}

/** What a database must do. Everything rejects with `StoreError`. */
export interface KeyValues {
  /** For messages: the directory. */
  readonly place: string
  readonly get: (key: string) => Promise<string | undefined>
  /** In the order of the keys. */
  readonly range: (options: RangeOptions) => Promise<readonly (readonly [key: string, value: string])[]>
  /** All or nothing; durable when it resolves. After a rejection only reads and `recover` are called. */
  readonly write: (writes: readonly Write[]) => Promise<void>
  /** Makes the database usable again after a write that failed; what that write did is then seen by reading. */
  readonly recover: () => Promise<void>
  readonly close: () => Promise<void>
}

const FORMAT = 1

interface Head {
  readonly format: number
  /** 0 before the first commit. */
  readonly revision: number
  /** Sum of the objects' checksums. */
  readonly digest: number
}

const noHead: Head = { format: FORMAT, revision: 0, digest: 0 }

/** Rejects with CORRUPT or FORMAT when what the database holds cannot be relied on; it is left as it is. */
export async function openKeyedStore(database: KeyValues): Promise<Store> {
  const store = new KeyedStore(database)
  await store.read()
  return store
}

class KeyedStore implements Store {
  readonly #database: KeyValues
  #head = noHead
  /** Checksum of each object, for keeping the digest without reading. */
  #checksums = new Map<string, number>()
  #turn: Promise<unknown> = Promise.resolve()
  #failed = false
  #closed = false

  constructor(database: KeyValues) {
    this.#database = database
  }

  /** Reads the head and checks the objects against it. */
  async read(): Promise<void> {
    const { place } = this.#database
    const text = await this.#database.get('head')
    const objects = await this.#database.range({ prefix: 'object/' })
    const head = text === undefined ? noHead : (parse(text, place) as Head)
    if (head.format > FORMAT) {
      const advice = 'Start that version, or choose another directory with --data'
      throw new StoreError('FORMAT', `${place} was written by a newer version of Throwbar. ${advice}`)
    }
    const checksums = new Map(objects.map(([key, value]) => [key, checksum(key, value)]))
    const digest = [...checksums.values()].reduce((sum, one) => sum + one, 0)
    if (digest !== head.digest)
      throw corrupt(place, `the objects of revision ${head.revision} are not all there`)
    this.#head = head
    this.#checksums = checksums
  }

  load(): Promise<Stored | undefined> {
    return this.#inTurn(async () => {
      if (this.#head.revision === 0) return undefined
      const objects = await this.#database.range({ prefix: 'object/' })
      const entries = objects.map(
        ([key, value]) => [key.slice('object/'.length), this.#parse(value)] as const,
      )
      return { revision: this.#head.revision, spec: specFromObjects(entries) }
    })
  }

  commit(commit: Commit): Promise<CommitOutcome> {
    return this.#inTurn(async () => {
      await this.#recover()
      const { revision: current } = this.#head
      if (commit.ifRevision !== current) return { status: 'conflict', revision: current }
      const revision = current + 1
      const objects = commit.edits.map(writeOf)
      const digest = this.#digestAfter(objects)
      const head: Head = { format: FORMAT, revision, digest }
      const entry: LogEntry = { revision, time: commit.time, by: commit.by, summary: commit.summary }
      await this.#write([
        ...objects,
        { key: 'head', value: JSON.stringify(head) },
        { key: logKey(revision), value: JSON.stringify(entry) },
        ...(revision > LOG_LENGTH ? [{ key: logKey(revision - LOG_LENGTH), value: undefined }] : []),
      ])
      this.#head = head
      for (const { key, value } of objects) {
        if (value === undefined) this.#checksums.delete(key)
        else this.#checksums.set(key, checksum(key, value))
      }
      return { status: 'committed', revision }
    })
  }

  log(limit = LOG_LENGTH): Promise<readonly LogEntry[]> {
    return this.#inTurn(async () => {
      const entries = await this.#database.range({
        prefix: 'log/',
        reverse: true,
        limit: Math.min(limit, LOG_LENGTH),
      })
      return entries.map(([, value]) => this.#parse(value) as LogEntry)
    })
  }

  remember(key: string, value: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const text = value === undefined ? undefined : textOf(key, value)
      if (!/^[A-Za-z0-9./-]{1,200}$/.test(key))
        throw new StoreError('VALUE', `"${key}" cannot be a remembered value's key`)
      if (text !== undefined && Buffer.byteLength(text) > REMEMBERED_BYTES) {
        throw new StoreError('VALUE', `the value of "${key}" is larger than ${REMEMBERED_BYTES} bytes`)
      }
      await this.#recover()
      await this.#write([{ key: `remembered/${key}`, value: text }])
    })
  }

  recall(key: string): Promise<unknown> {
    return this.#inTurn(async () => {
      const text = await this.#database.get(`remembered/${key}`)
      return text === undefined ? undefined : this.#parse(text)
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    const turn = this.#turn
    this.#closed = true
    await turn
    await this.#database.close()
  }

  /** One call at a time, in the order of the calls. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closed)
      return Promise.reject(new StoreError('CLOSED', `the store in ${this.#database.place} is closed`))
    const result = this.#turn.then(run)
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** A failed write may have been written all the same, and nothing can safely follow it: look at what is there. */
  async #recover(): Promise<void> {
    if (!this.#failed) return
    await this.#database.recover()
    await this.read()
    this.#failed = false
  }

  async #write(writes: readonly Write[]): Promise<void> {
    try {
      await this.#database.write(writes)
    } catch (error: unknown) {
      this.#failed = true
      throw error
    }
  }

  #digestAfter(objects: readonly Write[]): number {
    const next = new Map<string, number>()
    for (const { key, value } of objects) next.set(key, value === undefined ? 0 : checksum(key, value))
    let digest = this.#head.digest
    for (const [key, sum] of next) digest += sum - (this.#checksums.get(key) ?? 0)
    return digest
  }

  #parse(text: string): unknown {
    return parse(text, this.#database.place)
  }
}

function corrupt(place: string, detail: string, cause?: unknown): StoreError {
  const advice = 'Put back a copy of it, or move it away, start again and apply your topology file'
  return new StoreError(
    'CORRUPT',
    `${place} does not hold what was written to it: ${detail}. ${advice}`,
    cause,
  )
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error: unknown) {
    throw corrupt(place, 'a value is not JSON', error)
  }
}

/** Zero-padded, so that the order of keys is the order of revisions. */
function logKey(revision: number): string {
  return `log/${String(revision).padStart(16, '0')}`
}

function checksum(key: string, value: string): number {
  return crc32(`${key}\n${value}`)
}

function writeOf({ object, change, value }: Edit): Write {
  if (!/^[a-z]+(\/[a-z0-9-]+)?$/.test(object))
    throw new StoreError('VALUE', `"${object}" is not an object's name`)
  return { key: `object/${object}`, value: change === 'delete' ? undefined : textOf(object, value) }
}

function textOf(what: string, value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new StoreError('VALUE', `the value of "${what}" is not JSON`)
  return text
}
