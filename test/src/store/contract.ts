/** What every store must do; each back end's test runs it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Edit } from '../../../src/model/declaration.ts'
import { type Commit, LOG_LENGTH, type Store, StoreError } from '../../../src/store/store.ts'

export const time = '2026-11-21T10:00:00.000Z'

export function commitOf(ifRevision: number, edits: readonly Edit[], summary = 'a change'): Commit {
  return { ifRevision, edits, time, by: 'test', summary }
}

export function vm(host: string): unknown {
  return { host, nics: [] }
}

const first: readonly Edit[] = [
  { change: 'modify', object: 'topology', value: { name: 'two', description: 'd' } },
  { change: 'add', object: 'switches/hv1', value: { datapath: '0x1', role: 'hypervisor' } },
  { change: 'add', object: 'links', value: [['a:b', 'c:d']] },
  { change: 'add', object: 'vms/web2', value: vm('hv1') },
  { change: 'add', object: 'vms/web1', value: vm('hv1') },
]

export interface Backend {
  readonly name: string
  /** An empty store; `reopen` closes it and opens what it kept, where that is possible. */
  readonly open: () => Promise<{ readonly store: Store; readonly reopen?: () => Promise<Store> }>
}

const rejectsWith = (code: string) => (error: unknown) => error instanceof StoreError && error.code === code

export function storeContract({ name, open }: Backend): void {
  test(`${name}: an empty store has nothing`, async () => {
    const { store } = await open()
    assert.equal(await store.load(), undefined)
    assert.deepEqual(await store.log(), [])
    assert.equal(await store.recall('links'), undefined)
    await store.close()
  })

  test(`${name}: what is committed is loaded, also after reopening`, async () => {
    const { store, reopen } = await open()
    assert.deepEqual(await store.commit(commitOf(0, first)), { status: 'committed', revision: 1 })
    const change: readonly Edit[] = [
      { change: 'modify', object: 'vms/web1', value: vm('hv2') },
      { change: 'delete', object: 'vms/web2' },
      { change: 'delete', object: 'links' },
    ]
    assert.deepEqual(await store.commit(commitOf(1, change)), { status: 'committed', revision: 2 })
    const spec = {
      name: 'two',
      description: 'd',
      switches: { hv1: { datapath: '0x1', role: 'hypervisor' } },
      vms: { web1: vm('hv2') },
    }
    assert.deepEqual(await store.load(), { revision: 2, spec })
    const again = (await reopen?.()) ?? store
    assert.deepEqual(await again.load(), { revision: 2, spec })
    assert.deepEqual(await again.commit(commitOf(2, [])), { status: 'committed', revision: 3 })
    await again.close()
  })

  test(`${name}: a commit on another revision is refused and writes nothing`, async () => {
    const { store } = await open()
    await store.commit(commitOf(0, first))
    const late = commitOf(0, [{ change: 'delete', object: 'vms/web1' }])
    assert.deepEqual(await store.commit(late), { status: 'conflict', revision: 1 })
    assert.deepEqual(await store.commit({ ...late, ifRevision: 2 }), { status: 'conflict', revision: 1 })
    assert.deepEqual(Object.keys((await store.load())?.spec.vms ?? {}), ['web1', 'web2'])
    assert.equal((await store.log()).length, 1)
    await store.close()
  })

  test(`${name}: of commits made at once on one revision exactly one wins`, async () => {
    const { store } = await open()
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((object) =>
        store.commit(commitOf(0, [{ change: 'add', object: `vms/${object}`, value: vm('hv1') }])),
      ),
    )
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['committed', 'conflict', 'conflict'])
    assert.equal(Object.keys((await store.load())?.spec.vms ?? {}).length, 1)
    await store.close()
  })

  test(`${name}: the log tells who changed what, newest first, and is bounded`, async () => {
    const { store } = await open()
    for (let revision = 0; revision < LOG_LENGTH + 5; revision++) {
      await store.commit(commitOf(revision, [], `change ${revision + 1}`))
    }
    const log = await store.log()
    assert.equal(log.length, LOG_LENGTH)
    assert.deepEqual(log[0], { revision: 1005, time, by: 'test', summary: 'change 1005' })
    assert.equal(log.at(-1)?.revision, 6)
    assert.deepEqual(
      (await store.log(2)).map(({ revision }) => revision),
      [1005, 1004],
    )
    await store.close()
  })

  test(`${name}: remembers small values, apart from the intent`, async () => {
    const { store, reopen } = await open()
    await store.remember('links', [{ from: 'a', to: 'b' }])
    await store.remember('lldp/key', 'c2VjcmV0')
    await store.remember('gone', 1)
    await store.remember('gone', undefined)
    const again = (await reopen?.()) ?? store
    assert.deepEqual(await again.recall('links'), [{ from: 'a', to: 'b' }])
    assert.equal(await again.recall('lldp/key'), 'c2VjcmV0')
    assert.equal(await again.recall('gone'), undefined)
    assert.equal(await again.load(), undefined)
    await assert.rejects(again.remember('../x y', 1), rejectsWith('VALUE'))
    await assert.rejects(again.remember('big', 'x'.repeat(5 * 1024 * 1024)), rejectsWith('VALUE'))
    await again.close()
  })

  test(`${name}: a value that cannot be kept is refused and nothing of its commit is written`, async () => {
    const { store } = await open()
    const edits: readonly Edit[] = [
      { change: 'add', object: 'vms/web1', value: vm('hv1') },
      { change: 'add', object: 'vms/web2', value: undefined },
    ]
    await assert.rejects(store.commit(commitOf(0, edits)), rejectsWith('VALUE'))
    await assert.rejects(
      store.commit(commitOf(0, [{ change: 'delete', object: 'vms/../head' }])),
      rejectsWith('VALUE'),
    )
    assert.equal(await store.load(), undefined)
    assert.deepEqual(await store.commit(commitOf(0, first)), { status: 'committed', revision: 1 })
    await store.close()
  })

  test(`${name}: close waits for writes under way, then refuses calls`, async () => {
    const { store } = await open()
    const writing = store.commit(commitOf(0, first))
    await store.close()
    assert.deepEqual(await writing, { status: 'committed', revision: 1 })
    await assert.rejects(store.load(), rejectsWith('CLOSED'))
    await assert.rejects(store.commit(commitOf(1, [])), rejectsWith('CLOSED'))
    await store.close()
  })
}
