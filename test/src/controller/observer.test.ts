/** Tables of slots go round: a program's are observed, kept, and change nothing when they come back. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Compiler } from '../../../src/compiler/compiler.ts'
import { declaredWorld } from '../../../src/compiler/declared-world.ts'
import { Observer } from '../../../src/controller/observer.ts'
import { parseTopology } from '../../../src/model/yaml.ts'
import { deal, withMoved } from '../../../src/pipeline/deal.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'

const path = join(import.meta.dirname, '../../../topologies/teamed-leaf-spine.yaml')
const hv1 = '0000000000000001'
const tablesOf = ({ observation }: Observer) => observation.slots?.get(hv1)

async function setup() {
  const parsed = parseTopology(await readFile(path, 'utf8'))
  assert.ok(!('problems' in parsed))
  const { intent } = parsed
  const store = await memoryStore()
  const observer = await Observer.open(store)
  const compiler = new Compiler()
  let changes = 0
  observer.listen({
    onChange: () => {
      changes += 1
    },
    onStoreError: (error) => assert.fail(String(error)),
  })
  const world = declaredWorld(intent)
  for (const seen of world.switches.values()) observer.switchSeen(seen)
  observer.linksSeen(world.links)
  const turn = () => {
    const program = compiler.update(intent, observer.observation)
    const before = changes
    observer.slotsDealt(program.switches.values())
    return { program, changed: changes > before }
  }
  return { intent, store, observer, turn }
}

test('what a program dealt is observed once, and comes to rest', async () => {
  const { observer, turn } = await setup()
  const first = turn()
  assert.ok(first.changed)
  assert.equal(tablesOf(observer)?.[0]?.ports.length, 2)
  const second = turn()
  assert.ok(!second.changed)
  assert.equal(second.program, first.program)
  assert.ok(!turn().changed)
})

test('a table that was moved stays so, whatever program comes back late; one nobody knows is not taken up', async () => {
  const { observer, turn } = await setup()
  const { program } = turn()
  const table = tablesOf(observer)?.[0]
  assert.ok(table)
  const moved = withMoved(table, new Map([[5, 1 - (table.first[5] ?? 0)]]))
  observer.slotsMoved(hv1, moved)
  observer.slotsMoved(hv1, deal([{ name: 'other', weight: 1 }], 1))
  observer.slotsDealt(program.switches.values())
  assert.deepEqual(tablesOf(observer), [moved])
  const after = turn()
  assert.ok(!after.changed)
  assert.deepEqual(after.program.switches.get(hv1)?.slots, [moved])
})

test('tables outlive a restart; those of switches that are forgotten do not', async () => {
  const { store, observer, turn } = await setup()
  const { program } = turn()
  await observer.close()
  const again = await Observer.open(store)
  assert.deepEqual(again.observation.slots, observer.observation.slots)
  again.slotsDealt(program.switches.values())
  assert.deepEqual(again.observation.slots, observer.observation.slots)
  again.keepOnly((id) => id !== hv1)
  assert.equal(tablesOf(again), undefined)
  assert.ok((again.observation.slots?.size ?? 0) > 0)
  await again.close()
})

test('what cannot be read as a table is left out', async () => {
  const { store, observer, turn } = await setup()
  turn()
  await observer.close()
  const stored = (await store.recall('observation')) as { slots: [string, object[]][] }
  const slots = stored.slots.map(([id, tables]) => [id, tables.map((table) => ({ ...table, turn: [1] }))])
  await store.remember('observation', { ...stored, slots })
  const again = await Observer.open(store)
  assert.deepEqual(tablesOf(again), [])
  await again.close()
})
