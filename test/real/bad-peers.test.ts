/** Bad peers and refusing switches beside good ones: the others go on undisturbed, and metrics, log and receipts tell it. */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { decode, encode, Framer, type MessageInput } from 'ts-openflow'
import type { ControllerProcess } from './support/controller.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

async function peer(controller: ControllerProcess): Promise<Socket> {
  const socket = connect(controller.openflowPort, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** A switch of a few lines: shakes hands with a datapath id, then reads no more. */
async function deafSwitch(controller: ControllerProcess, datapathId: bigint): Promise<Socket> {
  const socket = await peer(controller)
  const framer = new Framer()
  const send = (message: MessageInput) => socket.write(encode(message))
  send({ type: 'hello', version: 6, xid: 1, elements: [] })
  socket.on('data', (chunk: Buffer) => {
    for (const bytes of framer.push(chunk)) {
      const message = decode(bytes)
      if (message.type !== 'features_request') continue
      const { xid } = message
      const features = { datapathId, nBuffers: 0, nTables: 254, auxiliaryId: 0, capabilities: [] } as const
      send({ type: 'features_reply', version: 6, xid, ...features })
      socket.pause()
    }
  })
  return socket
}

realTest(
  'peers that speak HTTP, stop in mid-message, never read or claim a taken datapath id disturb nobody',
  async (context) => {
    await withNetwork({ topology: 'two-hosts', id: 'badp' }, async (controller, lab) => {
      const before = await controller.list('switches')
      const pinger = await lab.startPinger('blue1', 'blue2')
      const session = await lab.startTcpSession('blue1', 'blue2')

      const http = await peer(controller)
      http.write('GET / HTTP/1.1\r\nHost: example\r\n\r\n')
      const half = await peer(controller)
      half.write(Buffer.from('06000010', 'hex'))
      const silent = await peer(controller)
      const twin = await deafSwitch(controller, 1n)
      const deaf = await deafSwitch(controller, 0xdeafn)
      const told = [
        'http-peer',
        'half-message',
        'handshake-timeout',
        'duplicate-datapath',
        'duplicate-refused',
      ]
      for (const code of told) {
        const counted = async () =>
          (await controller.metric('throwbar_incidents_total', `code="${code}"`)) > 0
        await controller.until(`metric for ${code}`, counted, 30_000)
        assert.match(controller.log, new RegExp(`"code":"${code}"`), `log line for ${code}`)
      }
      // The one that reads no more: it tells neither its ports nor that it is there, whichever is missed first.
      await controller.until(
        'the deaf peer is gone',
        () => {
          return Promise.resolve(/"code":"(setup-failed|echo-timeout)"/.test(controller.log))
        },
        30_000,
      )
      for (const socket of [http, half, silent, twin, deaf]) socket.destroy()

      const receipt = await controller.put('/v1/vms/blue3', {
        host: 'hv2',
        nics: [{ network: 'blue', mac: '02:00:00:00:01:03', ips: ['10.0.1.13', 'fd00:1::13', '10.0.1.99'] }],
      })
      assert.equal(receipt.complete, true, 'changes go on')
      const [pings, tcp] = [await pinger.stop(), await session.stop()]
      assert.deepEqual([pings.lost, tcp.broken], [0, null])
      context.diagnostic(`${pings.sent} pings beside them, none lost`)
      const after = await controller.list('switches')
      assert.deepEqual(
        after.map(({ name, address, state }) => [name, address, state]),
        before.map(({ name, address, state }) => [name, address, state]),
        'the same sessions, still converged',
      )
    })
  },
)

realTest(
  'a rule that the switch refuses comes back with its error and its owner; everything else is installed',
  async () => {
    await withNetwork({ topology: 'two-hosts', id: 'badr' }, async (controller, lab) => {
      const rules = (await controller.flows('hv1')).filter(({ text }) => text.includes('table=local')).length
      // Room for no further rule in the table that delivers.
      const limit = ['create', 'Flow_Table', `flow_limit=${rules}`, 'overflow_policy=refuse']
      await lab.ovs('hv1', [
        'ovs-vsctl',
        '--id=@full',
        ...limit,
        '--',
        'set',
        'bridge',
        'br0',
        'flow_tables:60=@full',
      ])
      await lab.addPort('hv1', 'late-0')
      const spec = { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:77', ips: ['10.0.1.77'] }] }
      const { status, body } = await controller.request('PUT', '/v1/vms/late', spec)
      assert.equal(status, 422)
      const { switches } = body as {
        switches: {
          switch: string
          state: string
          refused: { owner: string; error: string; rule: string }[]
        }[]
      }
      const hv1 = switches.find((each) => each.switch === 'hv1')
      assert.equal(hv1?.state, 'refused')
      assert.deepEqual(
        hv1.refused.map(({ owner, error }) => [owner, error]),
        [['nic/late/0', 'OFPFMFC_TABLE_FULL']],
      )
      assert.match(hv1.refused[0]?.rule ?? '', /table=local.*dl_dst=02:00:00:00:01:77/)
      assert.equal(switches.find((each) => each.switch === 'hv2')?.state, 'confirmed')
      const installed = await controller.flows('hv1')
      assert.ok(
        installed.filter(({ owner }) => owner === 'nic/late/0').length > 3,
        'its other rules are there',
      )
      assert.deepEqual(
        lab.surprises(await lab.pingMatrix({ protocols: ['icmp'] })),
        [],
        'the others work as before',
      )
      const vm = (await controller.list('vms')).find(({ name }) => name === 'late')
      assert.equal(vm?.state, 'refused')
      // Room again: it is installed without a command.
      await lab.ovs('hv1', ['ovs-vsctl', 'clear', 'bridge', 'br0', 'flow_tables'])
      await controller.until(
        'installed after all',
        async () => (await controller.list('vms')).every(({ state }) => state === 'active'),
        45_000,
      )
    })
  },
)

realTest('fabricated LLDP is refused and counted, and makes no link', async () => {
  await withNetwork({ topology: 'two-hosts', id: 'badl' }, async (controller, lab) => {
    const links = await controller.list('links')
    const frame = [
      '0180c200000e',
      '020000000077',
      '88cc', // to all bridges, LLDP
      '0207046470696431',
      '0202' + '0731',
      '06020078',
      '0000', // chassis, port, TTL, end
    ].join('')
    const fromVm = await lab.capture('hv1', 'blue1-0', { direction: 'in' })
    await lab.sendFrame('blue1', frame.padEnd(120, '0'), 5)
    assert.ok((await fromVm.stop()).frames.length >= 5)
    await controller.until('the switch counts it', async () => {
      const drops = (await controller.request('GET', '/v1/drops')).body as {
        reason: string
        packets: number
      }[]
      return drops.some(({ reason, packets }) => reason === 'reserved-multicast' && packets >= 5)
    })
    // On an uplink it reaches the controller: sent by the neighbour, which is not ours for a moment.
    await lab.ovs('hv2', [
      'ovs-ofctl',
      '-O',
      'OpenFlow15',
      'packet-out',
      'br0',
      `in_port=LOCAL packet=${frame.padEnd(120, '0')} actions=output:eth0`,
    ])
    await controller.until(
      'counted',
      async () => (await controller.metric('throwbar_incidents_total', 'code="lldp-')) > 0,
    )
    await sleep(500)
    assert.deepEqual(await controller.list('links'), links)
  })
})
