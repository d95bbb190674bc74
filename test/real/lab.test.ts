/**
 * The lab itself, before any controller: with every switch a plain learning switch, everything must be possible and
 * every flooded frame must be seen, so that what other tests do not see under the controller was really stopped.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { floodKinds, type Lab, LabError, type LabOptions, startLab } from './support/lab.ts'
import { leftovers } from './support/leftovers.ts'
import { realTest } from './support/real.ts'

const file = fileURLToPath(new URL('support/lab-test.yaml', import.meta.url))
const learning = { controller: 'none', failMode: 'standalone' } as const

async function withLab(
  options: LabOptions,
  body: (lab: Lab) => Promise<void>,
  topology = file,
): Promise<void> {
  const lab = await startLab(topology, options)
  try {
    await body(lab)
  } finally {
    await lab.stop()
  }
  assert.deepEqual(leftovers(options.id), [])
}

async function within(ms: number, what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + ms
  while (!condition()) {
    assert.ok(performance.now() < deadline, `${what}: not within ${ms} ms`)
    await sleep(20)
  }
}

/** Nothing of the lab is left within `ms`; what is left is told otherwise. */
async function isGone(id: string, ms: number): Promise<void> {
  const deadline = performance.now() + ms
  while (leftovers(id).length > 0 && performance.now() < deadline) await sleep(20)
  assert.deepEqual(leftovers(id), [], `left after ${ms} ms`)
}

realTest(
  'every NIC reaches every other by IPv4, IPv6 and TCP through cables and a segment',
  async (context) => {
    await withLab({ id: 'labm', ...learning }, async (lab) => {
      const started = performance.now()
      const matrix = await lab.pingMatrix()
      context.diagnostic(
        `start ${lab.description.seconds} s, matrix of ${matrix.length} in ${performance.now() - started} ms`,
      )
      // 6 NICs; the two of `both` do not try each other: 28 ordered pairs, 2 families, 2 protocols
      assert.equal(matrix.length, 28 * 4)
      assert.deepEqual(
        matrix.filter(({ ok }) => !ok),
        [],
      )
      const tcp = await lab.tcp('web1', 'web3', { family: 6, bytes: 1_000_000 })
      assert.ok(tcp.ok)
    })
  },
)

realTest('without rules a secure switch carries nothing, and the matrix says so', async (context) => {
  await withLab({ id: 'labs', controller: 'none' }, async (lab) => {
    const started = performance.now()
    const matrix = await lab.pingMatrix({ timeoutMs: 1000 })
    context.diagnostic(`told in ${Math.round(performance.now() - started)} ms`)
    assert.deepEqual(
      matrix.filter(({ ok }) => ok),
      [],
    )
    assert.equal(
      lab.surprises(matrix).length,
      matrix.filter(({ from, to }) => lab.networkOf(from) === lab.networkOf(to)).length,
    )
  })
})

realTest(
  'every kind of flood is seen, frame for frame, at a VM behind two switches and on an uplink',
  async () => {
    await withLab({ id: 'labf', ...learning }, async (lab) => {
      await lab.pingMatrix({ protocols: ['icmp'] })
      for (const name of ['hv1', 'spine1', 'hv2'])
        await lab.ovs(name, ['ovs-vsctl', 'set', 'bridge', 'br0', 'other-config:forward-bpdu=true'])
      const [atVm, atUplink] = await Promise.all([
        lab.capture('web2', undefined, { direction: 'in' }),
        lab.capture('hv1', 'eth0', { direction: 'out' }),
      ])
      const floods = []
      for (const kind of floodKinds)
        floods.push(await lab.flood('web1', kind, { target: 'web2', vlan: 102, count: 5 }))
      const [vm, uplink] = [await atVm.stop(), await atUplink.stop()]
      assert.deepEqual([vm.missed, uplink.missed], [0, 0])
      const expected = floods.map(({ kind }) => [kind, 5, 5])
      assert.deepEqual(
        floods.map((flood) => [flood.kind, vm.seen(flood), uplink.seen(flood)]),
        expected,
      )
      const tagged = floods.find(({ kind }) => kind === 'vlan-tagged')
      const marker = Buffer.from(tagged?.marker ?? '', 'hex')
      const frame = vm.frames.find(({ bytes }) => bytes.includes(marker))
      assert.equal(frame?.bytes.readUInt32BE(12), 0x81000066)
    })
  },
)

realTest(
  'each switch reaches a controller on 127.0.0.1 over its own management link, as declared',
  async () => {
    const hellos = new Map<string, string>()
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.on('data', (data) => hellos.set(socket.remoteAddress ?? '', data.toString('hex')))
    })
    server.listen(16742, '127.0.0.1')
    await once(server, 'listening')
    try {
      await withLab(
        { id: 'labr', controller: 'tcp:127.0.0.1:16742', protocols: 'OpenFlow13' },
        async (lab) => {
          await within(5000, 'four switches say hello', () => hellos.size === 4)
          assert.deepEqual(
            [...new Set(hellos.values())].map((hello) => hello.slice(0, 4)),
            ['0400'],
          )
          const bridge = await lab.ovs('hv2', [
            'ovs-vsctl',
            'get',
            'bridge',
            'br0',
            'fail_mode',
            'datapath_id',
            'other_config:disable-in-band',
          ])
          assert.match(bridge, /^secure\n"0000000000000002"\n"?true"?\n$/)
          hellos.clear()
          await lab.setControllerPath('hv1', false)
          await lab.ovs('hv1', ['ovs-vsctl', 'set', 'bridge', 'br0', 'protocols=OpenFlow15'])
          await lab.ovs('hv2', ['ovs-vsctl', 'set', 'bridge', 'br0', 'protocols=OpenFlow15'])
          await within(5000, 'hv2 connects again', () =>
            [...hellos.values()].some((hello) => hello.startsWith('0600')),
          )
          assert.ok(![...hellos.keys()].some((address) => address.endsWith('.1')))
          await lab.setControllerPath('hv1', true)
          await within(10_000, 'hv1 connects again', () =>
            [...hellos.keys()].some((address) => address.endsWith('.1')),
          )
        },
      )
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  },
)

realTest('uplinks that lead nowhere can be listened to from outside', async () => {
  await withLab({ id: 'labo', ...learning }, async (lab) => {
    const outside = await lab.capture('outside', 'p1')
    const flood = await lab.flood('web1', 'broadcast')
    assert.equal((await outside.stop()).seen(flood), 10)
  })
})

realTest('a VM moves with an open TCP session, its namespace and its addresses', async (context) => {
  await withLab({ id: 'labv', ...learning }, async (lab) => {
    const [session, pinger] = [
      await lab.startTcpSession('web1', 'web2'),
      await lab.startPinger('web3', 'web2', { family: 6 }),
    ]
    await sleep(300)
    const { unpluggedMs } = await lab.moveVm('web2', 'hv1', 'rarp')
    assert.ok((await lab.ping('db1', 'web2')).ok)
    await sleep(700)
    const [tcp, icmp] = [await session.stop(), await pinger.stop()]
    context.diagnostic(`unplugged ${unpluggedMs} ms, tcp gap ${tcp.largestGapMs} ms, ${icmp.lost} pings lost`)
    assert.equal(tcp.broken, null)
    assert.equal(tcp.lost, 0)
    assert.ok(tcp.sent > 50 && tcp.largestGapMs > unpluggedMs / 2)
    assert.ok(icmp.sent > 500 && icmp.lost > 0 && icmp.lost < icmp.sent)
    assert.match(await lab.ovs('hv1', ['ovs-vsctl', 'list-ports', 'br0']), /^tap2$/m)
  })
})

realTest('a cable goes down and up', async () => {
  await withLab({ id: 'labl', ...learning }, async (lab) => {
    await lab.linkDown('spine1', 'swp2')
    assert.equal((await lab.ping('web1', 'web2', { timeoutMs: 500 })).ok, false)
    assert.match(await lab.ovs('hv2', ['ovs-ofctl', 'dump-ports-desc', 'br0']), /\(eth0\)[^(]*LINK_DOWN/)
    await lab.linkUp('spine1', 'swp2')
    assert.ok((await lab.ping('web1', 'web2', { timeoutMs: 3000 })).ok)
  })
})

realTest('ovs-vswitchd is killed and started again; ports come and go', async () => {
  await withLab({ id: 'labk', ...learning }, async (lab) => {
    await lab.killVswitchd('hv1')
    assert.equal((await lab.ping('web1', 'web2', { timeoutMs: 500 })).ok, false)
    await assert.rejects(
      lab.killVswitchd('hv1'),
      (error) => error instanceof LabError && error.code === 'not-running',
    )
    await lab.startVswitchd('hv1')
    assert.ok((await lab.ping('web1', 'web2', { timeoutMs: 3000 })).ok)
    assert.ok((await lab.addPort('hv1', 'new0')) > 0)
    await lab.removePort('hv1', 'web1-0')
    assert.equal((await lab.ping('web1', 'web2', { timeoutMs: 500 })).ok, false)
    await lab.addPort('hv1', 'web1-0')
    assert.ok((await lab.ping('web1', 'web2', { timeoutMs: 3000 })).ok)
    assert.ok((await lab.counters('hv1', 'web1-0')).rx.frames > 0)
  })
})

realTest('a pinger at 1 ms loses nothing while the lab is busy with other things', async (context) => {
  await withLab({ id: 'labp', ...learning }, async (lab) => {
    const pinger = await lab.startPinger('web1', 'web2')
    await lab.pingMatrix({ protocols: ['icmp'], flushNeighbours: false })
    await sleep(500)
    const result = await pinger.stop()
    context.diagnostic(JSON.stringify(result))
    assert.ok(result.sent > 300)
    assert.deepEqual([result.lost, result.duplicates], [0, 0])
  })
})

realTest(
  'two labs run at once; one id is refused twice; kill -9 of the lab or of its parent leaves nothing',
  async () => {
    const first = await startLab(file, { id: 'laba', ...learning })
    const second = await startLab(file, { id: 'labb', ...learning })
    await assert.rejects(
      startLab(file, { id: 'laba', ...learning }),
      (error) => error instanceof LabError && error.code === 'in-use',
    )
    process.kill(first.pid, 'SIGKILL')
    await isGone('laba', 10_000)
    assert.ok((await second.ping('web1', 'web2')).ok)
    await second.stop()
    await first.stop()

    const support = new URL('support/lab.ts', import.meta.url).href
    const script = `import { startLab } from '${support}'; await startLab('${file}', { id: 'labc', controller: 'none' }); console.log('up'); setInterval(() => {}, 1000)`
    const parent = spawn(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await once(parent.stdout, 'data')
    assert.notDeepEqual(leftovers('labc'), [])
    parent.kill('SIGKILL')
    await isGone('labc', 10_000)
  },
)

realTest('errors say what to do', async () => {
  const refused = (code: string) => (error: unknown) => error instanceof LabError && error.code === code
  await assert.rejects(startLab(file, { id: 'Not an id' }), refused('bad-id'))
  await assert.rejects(startLab('/nowhere.yaml', { id: 'labe' }), /No such file.*nowhere\.yaml/)
  await withLab({ id: 'labe', ...learning }, async (lab) => {
    await assert.rejects(lab.ping('web1', 'nobody'), refused('no-such-vm'))
    await assert.rejects(lab.linkDown('hv1', 'nothing'), refused('command-failed'))
    await assert.rejects(lab.moveVm('web1', 'hv1'), refused('bad-request'))
    await assert.rejects(lab.capture('hv1', 'nothing'), refused('capture-failed'))
  })
})
