/** The OVSDB client on a real server: TLS both ways, and monitors that resume from the last transaction. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OvsdbClient } from '../../src/switches/ovsdb/client.ts'
import { on, switchDatabase, switchTables } from '../../src/switches/ovsdb/tables.ts'
import { certificates } from '../codecs/openflow/bad-peers/certificates.ts'
import { OvsHost } from './support/ovsdb-host.ts'
import { realTest } from './support/real.ts'

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what}: not in 10 s`)
    await sleep(5)
  }
}

realTest(
  'a server that keeps a history tells only what has changed since the session was lost',
  async (context) => {
    const ovs = await OvsHost.start('ovsdbtD', { clustered: true })
    const told: string[] = []
    const clients: OvsdbClient<typeof switchTables>[] = []
    context.after(async () => {
      for (const client of clients) client.close()
      await ovs.stop()
    })
    const connect = (say: (text: string) => void = () => undefined) => {
      const client = new OvsdbClient({
        target: { kind: 'unix', path: ovs.socket },
        database: switchDatabase,
        selection: switchTables,
        onSynchronised: ({ changes, resumed }) =>
          say(
            `${resumed ? 'resumed' : 'all'} +${changes.Queue?.inserted.length ?? 0} -${changes.Queue?.deleted.length ?? 0}`,
          ),
      })
      clients.push(client)
      return client
    }
    const client = connect((text) => told.push(text))
    await until('up', () => client.isUp)
    // The server keeps no more history than it has rows: first many, then the few that it is to remember.
    const many = Array.from({ length: 50 }, () => on.insert('Queue', { dscp: 9 }))
    assert.ok((await client.transact(many)).ok)
    assert.ok((await client.transact([on.insert('Queue', { dscp: 1 }), on.insert('Queue', { dscp: 2 })])).ok)
    assert.equal(client.replica.tables.Queue.size, 52)

    // The server drops everybody; another client is faster than the one that waits out its back-off.
    const other = connect()
    await until('the other is up', () => other.isUp)
    ovs.appctl('ovsdb-server/reconnect')
    await until('both are down', () => !client.isUp && !other.isUp)
    ovs.run(
      'ovsdb-client',
      'transact',
      `unix:${ovs.socket}`,
      JSON.stringify([
        switchDatabase,
        on.delete('Queue', [['dscp', '==', 1]]),
        on.insert('Queue', { dscp: 3 }),
        on.insert('Queue', { dscp: 4 }),
      ]),
    )
    await until('up again', () => client.isUp)
    await until('all rows', () => client.replica.tables.Queue.size === 53)
    const marks = [...client.replica.tables.Queue.values()]
      .map(({ dscp }) => dscp)
      .filter((dscp) => dscp !== 9)
    assert.deepEqual(marks.sort(), [2, 3, 4])
    assert.equal(told[0], 'all +0 -0')
    assert.match(told[1] ?? '', /^resumed/)
  },
)

realTest('over TLS: the server is checked, and so are we', async (context) => {
  const make = certificates(context)
  const [server, us, stranger] = [make('ovsdb'), make('throwbar'), make('stranger')]
  const folder = mkdtempSync(join(tmpdir(), 'throwbar-ovsdb-tls-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = (name: string, bytes: Buffer): string => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  const tls = {
    key: file('key.pem', server.key),
    cert: file('cert.pem', server.cert),
    ca: file('ca.pem', us.cert),
  }
  const ovs = await OvsHost.start('ovsdbtE', { tls })
  context.after(() => ovs.stop())
  const connect = async (shown: { key: Buffer; cert: Buffer }, ca: Buffer): Promise<string> => {
    const told: string[] = []
    const client = new OvsdbClient({
      target: { kind: 'ssl', host: '127.0.0.1', port: ovs.tlsPort },
      database: switchDatabase,
      selection: switchTables,
      tls: { ...shown, ca, checkServerIdentity: () => undefined },
      onSynchronised: () => told.push('up'),
      onIncident: ({ code }) => told.push(code),
    })
    await until('an outcome', () => told.length > 0)
    client.close()
    return told[0] ?? ''
  }
  assert.equal(await connect(us, server.cert), 'up')
  assert.equal(await connect(us, stranger.cert), 'connect-failed')
  assert.notEqual(await connect(stranger, server.cert), 'up')
})
