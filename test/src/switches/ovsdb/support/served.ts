/** A server with a database in memory, and a vswitchd that takes what it is told when the test says so. */
import type { Operation } from '../../../../../codecs/ovsdb/index.ts'
import { on, switchTables } from '../../../../../src/switches/ovsdb/tables.ts'
import { update2 } from '../../../../codecs/ovsdb/support/arbitrary.ts'
import { FakeServer, type FakeSession, type Request } from './fake-server.ts'
import { MemoryDatabase, memorySchema } from './memory-database.ts'

export class ServedDatabase {
  readonly database = new MemoryDatabase()
  readonly #server = new FakeServer()
  /** Transactions that came from the client. */
  asked = 0
  /** Runs once, before the next transaction of the client. */
  meanwhile: (() => void) | undefined

  readonly dial = () => {
    const socket = this.#server.dial()
    this.session.onRequest = (request) => queueMicrotask(() => this.#answer(this.session, request))
    return socket
  }

  get session(): FakeSession {
    return this.#server.session
  }

  /** As another client does it: the monitor is told at once. */
  transact(...operations: readonly Operation[]): boolean {
    return !('error' in Object(this.#run(operations).at(-1)))
  }

  /** vswitchd has done everything that was asked so far. */
  takeAll(): void {
    const [root] = this.database.tables.get('Open_vSwitch')?.values() ?? []
    this.transact(on.update('Open_vSwitch', [], { cur_cfg: Number(root?.['next_cfg'] ?? 0) }))
  }

  #run(operations: readonly Operation[]): readonly unknown[] {
    const before = this.database.tables
    const results = this.database.results(operations)
    const changes: Record<string, unknown> = {}
    for (const [table, columns] of Object.entries(switchTables)) {
      const rows = (tables: typeof before) => tables.get(table) ?? new Map()
      const told = update2(columns, rows(before), rows(this.database.tables))
      if (Object.keys(told as object).length > 0) changes[table] = told
    }
    const zero = '00000000-0000-0000-0000-000000000000'
    if (Object.keys(changes).length > 0) this.session.notify('update3', 'throwbar', zero, changes)
    return results
  }

  #answer(session: FakeSession, { id, method, params }: Request): void {
    if (session !== this.session || session.socket.destroyed) return
    const zero = '00000000-0000-0000-0000-000000000000'
    if (method === 'get_schema') session.send({ id, result: memorySchema, error: null })
    else if (method === 'monitor_cond_since') {
      session.send({ id, result: [false, zero, this.database.dump()], error: null })
    } else if (method === 'transact') {
      const run = this.meanwhile
      this.meanwhile = undefined
      run?.()
      this.asked += 1
      session.send({ id, result: this.#run(params.slice(1) as Operation[]), error: null })
    }
  }
}
