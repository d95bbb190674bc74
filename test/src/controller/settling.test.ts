/** When switches that carry our rules may be changed after a start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredWorld } from '../../../src/compiler/declared-world.ts'
import { Settling } from '../../../src/controller/settling.ts'
import type { Timers } from '../../../src/controller/timers.ts'
import { emptyIntent, type Intent } from '../../../src/model/intent.ts'
import { parseTopology } from '../../../src/model/yaml.ts'
import { ManualTimers } from '../../support/manual-timers.ts'

const id = '0000000000000001'
const intentOf = (classes: string): Intent => {
  const parsed = parseTopology(`
name: one
switches: { hv1: { datapath: "${id}", role: hypervisor, ovsdb: unix:/db.sock, uplinks: [eth0] } }
networks: { blue: { kind: vm, vlan: 101 } }
${classes}
`)
  assert.ok('intent' in parsed, JSON.stringify(parsed))
  return parsed.intent
}

function setup() {
  const told: (string | undefined)[] = []
  const timers = new ManualTimers()
  const settling = new Settling({
    timers: timers as Pick<Timers, 'after'> as Timers,
    settleMs: 5_000,
    onSettled: (although) => told.push(although),
  })
  settling.start()
  return { settling, timers, told }
}

test('every declared switch has to be seen, and something has to be declared', () => {
  const { settling, told } = setup()
  const intent = intentOf('')
  const world = declaredWorld(intent)
  settling.look(emptyIntent, world)
  settling.look(intent, { ...world, switches: new Map() })
  assert.deepEqual(told, [])
  settling.look(intent, world)
  assert.deepEqual(told, [undefined])
})

test('where classes share uplinks, the database has to say what the switch can do, or the time is over', () => {
  const { settling, timers, told } = setup()
  const intent = intentOf('classes: { vm: { limit: 1M } }')
  const world = declaredWorld(intent)
  settling.look(intent, world)
  assert.deepEqual(told, [])
  settling.look(intent, { ...world, datapathTypes: new Map([[id, 'system']]) })
  assert.deepEqual(told, [undefined])

  const late = setup()
  late.settling.look(intent, world)
  late.timers.pass(5_000)
  assert.equal(late.told.length, 1)
  timers.pass(5_000)
  assert.equal(told.length, 1)
})
