/** What the lab does to cables, and how it measures over them: TCP has one cable and everything else the other, by rules of the test's own. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Lab, LabError, startLab } from './support/lab.ts'
import { leftovers } from './support/leftovers.ts'
import { realTest } from './support/real.ts'

const file = fileURLToPath(new URL('support/lab-cables.yaml', import.meta.url))
const ends = [
  ['hv1', 'web1-0'],
  ['hv2', 'web2-0'],
] as const
const tcpBy = 'eth1'
const restBy = 'eth0'

async function withCables(id: string, body: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await startLab(file, { id, controller: 'none' })
  try {
    for (const [name, vm] of ends) {
      const add = (flow: string) => lab.ovs(name, ['ovs-ofctl', '-O', 'OpenFlow15', 'add-flow', 'br0', flow])
      await add(`priority=1,in_port=${vm},actions=output:${restBy}`)
      for (const tcp of ['tcp', 'tcp6']) await add(`priority=2,in_port=${vm},${tcp},actions=output:${tcpBy}`)
      for (const uplink of [restBy, tcpBy]) await add(`in_port=${uplink},actions=output:${vm}`)
    }
    await body(lab)
  } finally {
    await lab.stop()
  }
  assert.deepEqual(leftovers(id), [])
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    assert.ok(tries < 100, what)
    await sleep(20)
  }
}

const isDown = async (lab: Lab, name: string, port: string): Promise<boolean> => {
  const ports = await lab.ovs(name, ['ovs-ofctl', 'dump-ports-desc', 'br0'])
  return new RegExp(`\\(${port}\\)[^(]*LINK_DOWN`).test(ports)
}

realTest(
  'flows are counted where they leave and where they arrive; each switch tells its OVSDB',
  async () => {
    await withCables('cabf', async (lab) => {
      const ports = [`hv1:${restBy}`, `hv1:${tcpBy}`, `hv2:${restBy}`]
      for (const family of [4, 6] as const) {
        const seen = await lab.sendFlows('web1', 'web2', { count: 1_000, ports, family })
        const [udp, tcp, back] = ports.map((port) => seen.ports[port] ?? [])
        const numbers = Array.from({ length: 1_000 }, (_, number) => number)
        assert.deepEqual(seen.arrived, numbers)
        assert.deepEqual(
          udp,
          numbers.filter((number) => number % 2 === 0),
        )
        assert.deepEqual(
          tcp,
          numbers.filter((number) => number % 2 === 1),
        )
        assert.deepEqual(back, [], 'what comes in by a port is not counted as leaving there')
      }
      for (const { ovsdb } of Object.values(lab.description.switches)) assert.ok(existsSync(ovsdb), ovsdb)
    })
  },
)

realTest('a silent cable loses what it carries, either way or both, and looks well', async (context) => {
  await withCables('cabs', async (lab) => {
    const lossesWhile = async (body: () => Promise<void>) => {
      const echo = await lab.startUdpEcho('web1', 'web2', { drainMs: 200 })
      await sleep(100)
      await body()
      await sleep(300)
      const result = await echo.stop()
      context.diagnostic(JSON.stringify(result))
      return { there: result.there.lost, all: result.lost }
    }
    const out = await lossesWhile(() => lab.silence('hv1', restBy, 'out'))
    assert.ok(out.there > 100 && out.all === out.there)
    await assert.rejects(
      lab.startUdpEcho('web1', 'web2', { connectMs: 300 }),
      (error) => error instanceof LabError && error.code === 'meter-failed',
    )
    // A change of the switch's configuration does not end it.
    await lab.addPort('hv1', 'new0')
    await lab.addPort('hv2', 'new0')
    for (const [name] of ends) assert.equal(await isDown(lab, name, restBy), false)
    assert.equal((await lab.sendFlows('web1', 'web2', { count: 100, ports: [] })).arrived.length, 50)
    await lab.endSilence('hv1', restBy)
    const back = await lossesWhile(() => lab.silence('hv1', restBy, 'in'))
    assert.ok(back.there === 0 && back.all > 100)
    await lab.endSilence('hv1', restBy)
    assert.deepEqual(await lossesWhile(() => Promise.resolve()), { there: 0, all: 0 })
    const both = await lossesWhile(() => lab.silence('hv2', restBy))
    assert.ok(both.there > 100)
    await lab.endSilence('hv2', restBy)
    assert.deepEqual(await lossesWhile(() => Promise.resolve()), { there: 0, all: 0 })
  })
})

realTest('what is not answered any more counts as a gap, up to the end', async (context) => {
  await withCables('cabg', async (lab) => {
    const pings = await lab.startPinger('web1', 'web2')
    await sleep(300)
    await lab.silence('hv1', restBy)
    const silentMs = 700
    await sleep(silentMs)
    const { largestGapMs, lost } = await pings.stop()
    context.diagnostic(`${lost} lost, gap ${largestGapMs} ms`)
    assert.ok(lost > silentMs / 2, `${lost} lost`)
    assert.ok(largestGapMs >= silentMs, `${largestGapMs} ms`)
  })
})

realTest('a cable is cut at either end, and both see it', async () => {
  await withCables('cabc', async (lab) => {
    for (const [cut] of ends) {
      await lab.linkDown(cut, tcpBy)
      for (const [name] of ends) await until(`${name} sees it`, () => isDown(lab, name, tcpBy))
      await lab.linkUp(cut, tcpBy)
      for (const [name] of ends) await until(`${name} sees it`, async () => !(await isDown(lab, name, tcpBy)))
    }
  })
})

realTest('TCP sessions in one process survive a pause, and each tells its longest silence', async () => {
  await withCables('cabt', async (lab) => {
    const sessions = await lab.startTcpSessions('web1', 'web2', { count: 8 })
    await sleep(200)
    await lab.linkDown('hv2', tcpBy)
    await sleep(200)
    await lab.linkUp('hv2', tcpBy)
    await sleep(800)
    const result = await sessions.stop()
    assert.deepEqual([result.sessions.length, result.broken, result.lost], [8, 0, 0])
    assert.ok(result.largestGapMs >= 200, `${result.largestGapMs} ms`)
    assert.ok(result.sessions.every(({ sent }) => sent > 10))
    assert.equal(new Set(result.sessions.map(({ port }) => port)).size, 8)
  })
})

realTest(
  'a cable carries as much as it is declared to, and bulk loads tell what arrived',
  async (context) => {
    await withCables('cabb', async (lab) => {
      await lab.silence('hv1', tcpBy, 'out')
      await lab.endSilence('hv1', tcpBy)
      // Payload of 1,448 bytes in frames of 1,514, at 50M; the other cable is not declared and carries what it is given.
      const loads = [
        await lab.startBulk('web1', 'web2', { protocol: 'tcp', count: 2 }),
        await lab.startBulk('web2', 'web1', { protocol: 'tcp', count: 2 }),
        await lab.startBulk('web1', 'web2', { protocol: 'udp', rateBps: 20e6 }),
        await lab.startBulk('web1', 'web2', { protocol: 'broadcast', rateBps: 5e6 }),
      ]
      const fromMs = performance.now() + 300
      await sleep(1_500)
      const results = await Promise.all(loads.map((load) => load.stop()))
      const [there = 0, back = 0, udp = 0, broadcast = 0] = results.map((seen) => seen.received(fromMs) / 1e6)
      const told = [there, back, udp, broadcast].map((rate) => rate.toFixed(1)).join(', ')
      context.diagnostic(`TCP there and back, UDP, broadcast: ${told} Mbit/s`)
      for (const tcp of [there, back]) assert.ok(tcp > 38 && tcp < 50, told)
      assert.ok(udp > 15 && udp < 22, told)
      assert.ok(broadcast > 4 && broadcast < 5.5, told)
    })
  },
)
