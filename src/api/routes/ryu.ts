/**
 * Ryu's topology API (`/v1.0/topology`), byte for byte: the paths, key order and spacing that existing scripts know.
 * Only what is connected and proved appears, because Ryu knows nothing else.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Controller, SwitchView } from '../controller.ts'
import { notFound } from '../problem.ts'

interface RyuPort {
  readonly dpid: string
  readonly port_no: string
  readonly hw_addr: string
  readonly name: string
}

/** Highest number of a real port (OFPP_MAX); Ryu leaves reserved ports such as LOCAL out. */
const lastRealPort = 0xffffff00

const switches = (controller: Controller) =>
  connected(controller).map((view) => ({
    dpid: view.datapathId,
    ports: view.ports.filter(({ no }) => no <= lastRealPort).map((port) => portOf(view.datapathId, port)),
  }))

const links = (controller: Controller) => {
  const port = portFinder(controller)
  return controller
    .links()
    .filter(({ state }) => state === 'up')
    .map(({ from, to }) => ({ src: port(from), dst: port(to) }))
}

const hosts = (controller: Controller) => {
  const port = portFinder(controller)
  return controller
    .hosts()
    .filter(({ state }) => state !== 'silent')
    .map((host) => ({
      mac: host.mac,
      ipv4: host.ips.filter((ip) => !ip.includes(':')),
      ipv6: host.ips.filter((ip) => ip.includes(':')),
      port: port(host),
    }))
}

export function ryuRoutes(app: FastifyInstance, controller: Controller): void {
  serve(app, 'switches', { list: () => switches(controller), dpidOf: (item) => item.dpid })
  serve(app, 'links', { list: () => links(controller), dpidOf: (item) => item.src.dpid })
  serve(app, 'hosts', { list: () => hosts(controller), dpidOf: (item) => item.port.dpid })
}

interface Listing<Item> {
  readonly list: () => readonly Item[]
  readonly dpidOf: (item: Item) => string
}

function serve<Item>(app: FastifyInstance, name: string, { list, dpidOf }: Listing<Item>): void {
  const path = `/v1.0/topology/${name}`
  const common = { tags: ['Ryu'], response: { 200: Type.Array(Type.Object({})) } }
  const all = { ...common, summary: `All ${name}, as Ryu shows them` }
  app.get(path, { schema: all }, (_request, reply) => send(reply, list()))
  const params = Type.Object({ dpid: Type.String({ description: '16 lower-case hex digits' }) })
  const ofOne = {
    ...common,
    params,
    summary: `The ${name} of one switch, as Ryu shows them; [] for an unknown one`,
  }
  app.get<{ Params: { dpid: string } }>(`${path}/:dpid`, { schema: ofOne }, (request, reply) => {
    const { dpid } = request.params
    if (!/^[0-9a-f]{16}$/.test(dpid))
      throw notFound('As in Ryu, a datapath id here is 16 lower-case hex digits, such as 0000000000000001.')
    return send(
      reply,
      list().filter((item) => dpidOf(item) === dpid),
    )
  })
}

const send = (reply: FastifyReply, value: unknown): FastifyReply =>
  reply.type('application/json').serializer(String).send(pythonJson(value))

function connected(controller: Controller): readonly SwitchView[] {
  const views = controller.switches().filter((view) => view.connected)
  return views.toSorted((a, b) => (a.datapathId < b.datapathId ? -1 : 1))
}

const portOf = (datapathId: string, port: { no: number; mac: string; name: string }): RyuPort => ({
  dpid: datapathId,
  port_no: port.no.toString(16).padStart(8, '0'),
  hw_addr: port.mac,
  name: port.name,
})

type PortFinder = (at: { datapathId: string; portNo: number; port: string }) => RyuPort

function portFinder(controller: Controller): PortFinder {
  const known = new Map<string, RyuPort>()
  for (const view of controller.switches())
    for (const port of view.ports) known.set(`${view.datapathId}/${port.no}`, portOf(view.datapathId, port))
  return ({ datapathId, portNo, port }) =>
    known.get(`${datapathId}/${portNo}`) ??
    // The port went away since; Ryu would show its last address, which nobody keeps here.
    portOf(datapathId, { no: portNo, mac: '00:00:00:00:00:00', name: port })
}

/** JSON as Python's json.dumps writes it: a space after each comma and colon, and only ASCII. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${pythonJson(key)}: ${pythonJson(item)}`)
    return `{${entries.join(', ')}}`
  }
  const nonAscii = /[\u007f-\uffff]/g
  return JSON.stringify(value).replace(
    nonAscii,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
