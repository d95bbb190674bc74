/** As much of OVSDB's JSON-RPC (RFC 7047) as a benchmark needs: transactions and a monitor, without a program's start in between. */
import { connect, type Socket } from 'node:net'

interface Reply {
  readonly id: unknown
  readonly result?: unknown
  readonly error?: unknown
  readonly method?: string
  readonly params?: readonly unknown[]
}

/** Rows of the monitored table by their UUID, `new` absent when deleted. */
export type RowUpdates = Readonly<Record<string, { readonly new?: Readonly<Record<string, unknown>> }>>

export class Ovsdb {
  readonly #socket: Socket
  readonly #waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >()
  #onUpdate: (updates: Readonly<Record<string, RowUpdates>>) => void = () => undefined
  #nextId = 1
  #buffer = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the database closed the session')))
  }

  static connect(path: string): Promise<Ovsdb> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Ovsdb(socket)))
      socket.once('error', reject)
    })
  }

  /** Rejects when any operation fails. */
  async transact(database: string, operations: readonly object[]): Promise<void> {
    const results = (await this.#call('transact', [database, ...operations])) as ({ error?: string } | null)[]
    const failed = results.find((result) => result?.error !== undefined)
    if (failed) throw new Error(JSON.stringify(failed))
  }

  /** Calls back with the rows that are there, then with every change. */
  async monitor(
    database: string,
    { table, columns }: { readonly table: string; readonly columns: readonly string[] },
    onRows: (rows: RowUpdates) => void,
  ): Promise<void> {
    this.#onUpdate = (updates) => onRows(updates[table] ?? {})
    const initial = await this.#call('monitor', [database, 'bench', { [table]: { columns } }])
    onRows((initial as Record<string, RowUpdates>)[table] ?? {})
  }

  close(): void {
    this.#socket.destroy()
  }

  #call(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.write(JSON.stringify({ method, params, id }))
    })
  }

  #read(text: string): void {
    const { messages, rest } = wholeObjects(this.#buffer + text)
    this.#buffer = rest
    for (const message of messages) this.#take(JSON.parse(message) as Reply)
  }

  #take({ id, result, error, method, params }: Reply): void {
    if (method === 'echo') this.#socket.write(JSON.stringify({ id, result: params, error: null }))
    else if (method === 'update') this.#onUpdate(params?.[1] as Record<string, RowUpdates>)
    else {
      const waiting = this.#waiting.get(Number(id))
      this.#waiting.delete(Number(id))
      if (error) waiting?.reject(new Error(JSON.stringify(error)))
      else waiting?.resolve(result)
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** OVSDB puts nothing between messages: a message ends where its outermost brace closes. */
function wholeObjects(text: string): { messages: string[]; rest: string } {
  const messages: string[] = []
  let [depth, start, inString] = [0, 0, false]
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{') depth++
    else if (char === '}' && --depth === 0) {
      messages.push(text.slice(start, at + 1))
      start = at + 1
    }
  }
  return { messages, rest: text.slice(start) }
}
