/** The world as an intent declares it: every port there, every cable up. What is observed is compared with it. */
import type { Intent } from '../model/intent.ts'
import type { Attachment, Link, Observation, ObservedSwitch, Port } from '../model/observation.ts'

/** The observation that would be made if everything declared existed, each NIC on its host. */
export function declaredWorld(intent: Intent): Observation {
  const ports = new Map<string, Set<string>>()
  const add = (name: string, port: string): void => {
    ports.set(name, (ports.get(name) ?? new Set()).add(port))
  }
  for (const { name, uplinks } of intent.switches.values()) for (const { port } of uplinks) add(name, port)
  for (const { ends } of intent.cables) for (const end of ends) add(end.switch, end.port)
  const attachments = new Map<string, readonly Attachment[]>()
  for (const { nics } of intent.vms.values())
    for (const nic of nics) {
      const port = nic.iface === undefined ? nic.port : `${attachments.size}-followed`
      const at = intent.switches.get(nic.switch)
      // Where it has no host, any hypervisor may come to have it.
      if (at === undefined) continue
      add(nic.switch, port)
      const { datapathId, ovsdb } = at
      if (nic.iface !== undefined)
        attachments.set(nic.iface, [{ host: ovsdb?.target ?? '', datapathId, port }])
    }
  for (const { name, interfaces } of intent.switches.values())
    for (const { port } of interfaces) add(name, port)
  const switches = new Map<string, ObservedSwitch>()
  for (const { name, datapathId } of intent.switches.values()) {
    const own = [...(ports.get(name) ?? [])].map(
      (port, index): Port => ({ no: index + 1, name: port, mac: 0, up: true }),
    )
    switches.set(datapathId, { datapathId, ports: new Map(own.map((port) => [port.name, port])) })
  }
  return { switches, links: declaredLinks(intent), attachments }
}

/** Both directions of every declared cable. */
export function declaredLinks({ cables, switches }: Intent): Link[] {
  return cables.flatMap(({ ends: [a, b] }) => {
    const [one, two] = [switches.get(a.switch), switches.get(b.switch)]
    if (!one || !two) return []
    const from = { datapathId: one.datapathId, port: a.port }
    const to = { datapathId: two.datapathId, port: b.port }
    return [
      { from, to },
      { from: to, to: from },
    ]
  })
}
