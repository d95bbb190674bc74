/** A host of real Open vSwitch and an `OvsdbHost` on it, with what it tells, and wishes in short. */
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attachment } from '../../../src/switches/ovsdb/attachments.ts'
import { OvsdbHost } from '../../../src/switches/ovsdb/host.ts'
import type { WantedBridge, WantedHost } from '../../../src/switches/ovsdb/wanted.ts'
import { OvsHost } from './ovsdb-host.ts'

export const bridge = (name: string, more: Partial<WantedBridge> = {}): WantedBridge => ({
  name,
  datapathId: `00000000000000${name.slice(-2)}`,
  datapathType: 'dummy',
  protocols: ['OpenFlow13', 'OpenFlow15'],
  controllers: [{ target: 'tcp:127.0.0.1:1', maxBackoffMs: 1000 }],
  ...more,
})
export const wish = (...bridges: WantedBridge[]): WantedHost => ({ owner: 'test', bridges })
export const dummy = (name: string) => ({ name, interfaces: [{ name, type: 'dummy' }] })

/** What a host has told, newest last, and waits for more. */
export class Told {
  readonly events: string[] = []
  readonly attachments = new Map<string, Attachment>()
  readonly seenMs = new Map<string, number>()

  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 15_000
    while (!condition()) {
      if (performance.now() > deadline)
        throw new Error(`${what}: not in 15 s; told: ${this.events.join(', ')}`)
      await sleep(2)
    }
  }
}

export async function stage(
  context: TestContext,
  namespace: string,
): Promise<{ ovs: OvsHost; host: OvsdbHost; told: Told }> {
  const ovs = await OvsHost.start(namespace)
  const told = new Told()
  const host = new OvsdbHost({
    target: { kind: 'unix', path: ovs.socket },
    onAttachments: ({ added, changed, removed }) => {
      for (const { port } of removed) told.attachments.delete(port)
      for (const one of [...added, ...changed.map((change) => change.new)]) {
        told.attachments.set(one.port, one)
        told.seenMs.set(one.port, performance.now())
      }
      told.events.push(`attachments +${added.length} ~${changed.length} -${removed.length}`)
    },
    onUp: () => told.events.push('up'),
    onDown: ({ code }) => told.events.push(`down ${code}`),
    onRepair: (items) => told.events.push(...items.map(({ subject, state }) => `repair ${subject} ${state}`)),
    onIncident: ({ code, detail }) => told.events.push(`! ${code} ${detail}`),
  })
  context.after(async () => {
    host.close()
    await ovs.stop()
  })
  await told.until('up', () => host.isUp)
  return { ovs, host, told }
}

export function plug(ovs: OvsHost, into: string, vif: string, mac: string): void {
  const ids = [
    `external_ids:iface-id=id-${vif}`,
    `external_ids:attached-mac=${mac}`,
    'external_ids:iface-status=active',
  ]
  ovs.vsctl('add-port', into, vif, '--', 'set', 'Interface', vif, 'type=dummy', ...ids)
}
