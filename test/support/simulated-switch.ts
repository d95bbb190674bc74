/**
 * A small OpenFlow switch for tests: a real TCP client that speaks through ts-openflow's codec, with flow tables, meters,
 * ports and bundles, and with the bad habits a test asks for. Nothing is kept in files and no root is needed.
 *
 *     const simulated = await SimulatedSwitch.connect({ port, datapathId: '00000000000000aa', ports: [simulatedPort(1, 'p1')] })
 *     simulated.flows.all              // what is installed, at any time
 *     simulated.refuse(({ priority }) => priority === 7 ? 'OFPFMFC_EPERM' : undefined, 'commit')
 *     simulated.drop(); await simulated.reconnect()      // flows, meters and ports stay
 *     await simulated.close()
 */
import { connect, type Socket } from 'node:net'
import {
  decode,
  encode,
  errorTypes,
  type FlowMod,
  Framer,
  helloBytes,
  type Message,
  type MessageInput,
  type MessageInputOf,
  type MeterMod,
  type PortEntry,
  type PortStats,
  reservedPort,
} from 'ts-openflow'
import { SimulatedFlowTable } from './simulated-flow-table.ts'

/** When a refused rule is refused: as it is added to its bundle, or as the bundle is committed. */
export type RefusedAt = 'add' | 'commit'

export interface SimulatedSwitchOptions {
  /** Where the controller listens on 127.0.0.1. */
  readonly port: number
  /** 16 hex digits. */
  readonly datapathId: string
  /** Wire number; 4 unless said otherwise. */
  readonly version?: 4 | 5 | 6
  readonly ports?: readonly PortEntry[]
  readonly description?: string
  readonly auxiliaryId?: number
  /** Flows that fit into one table. */
  readonly flowLimit?: number
  /** Flows in one part of a multipart reply. */
  readonly flowsPerPart?: number
}

/** A port that is up. */
export function simulatedPort(portNo: number, name: string, change: Partial<PortEntry> = {}): PortEntry {
  const ethernet = { curr: [], advertised: [], supported: [], peer: [], currSpeedKbps: 0, maxSpeedKbps: 0 }
  const properties = [{ type: 'ethernet', ...ethernet }] as const
  return {
    portNo,
    hwAddr: 0x02_00_00_00_00_00 + portNo,
    name,
    config: [],
    state: [],
    properties,
    ...change,
  }
}

interface Bundle {
  readonly members: FlowMod[]
  closed: boolean
}

type MultipartBody = MessageInputOf<'multipart_request'>['body']
type Unheaded = MessageInput extends infer M
  ? M extends unknown
    ? Omit<M, 'version' | 'xid'>
    : never
  : never

export class SimulatedSwitch {
  readonly flows: SimulatedFlowTable
  /** By meter id. */
  readonly meters = new Map<number, MeterMod>()
  /** Bytes by port number, as received and sent by the switch; zero for those not here. */
  readonly portBytes = new Map<number, { readonly rx: bigint; readonly tx: bigint }>()
  /** How often each type of message came, since the beginning. */
  readonly received = new Map<string, number>()
  /** ERRORs that the controller sent. */
  readonly errors: Message[] = []
  /** Set to false to leave ECHO_REQUESTs without an answer. */
  answersEcho = true

  readonly #options: SimulatedSwitchOptions
  readonly #bundles = new Map<number, Bundle>()
  #ports: PortEntry[]
  #socket: Socket | undefined
  #framer = new Framer()
  #refusal: { readonly rule: (mod: FlowMod) => string | undefined; readonly at: RefusedAt } | undefined
  readonly #watchers: (() => void)[] = []

  private constructor(options: SimulatedSwitchOptions) {
    this.#options = options
    this.#ports = [...(options.ports ?? [])]
    this.flows = new SimulatedFlowTable(options.flowLimit)
  }

  /** Resolves when the TCP connection stands; the handshake goes on by itself. */
  static async connect(options: SimulatedSwitchOptions): Promise<SimulatedSwitch> {
    const simulated = new SimulatedSwitch(options)
    await simulated.reconnect()
    return simulated
  }

  get version(): number {
    return this.#options.version ?? 4
  }

  get isConnected(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed
  }

  /** Bundles that were opened and neither committed nor discarded. */
  get openBundles(): number {
    return this.#bundles.size
  }

  get ports(): readonly PortEntry[] {
    return this.#ports
  }

  /** Connects anew, with everything installed still there, as a switch does that lost its controller. */
  async reconnect(): Promise<void> {
    this.drop()
    const socket = connect({ port: this.#options.port, host: '127.0.0.1' })
    this.#socket = socket
    this.#framer = new Framer()
    this.#bundles.clear()
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      if (socket !== this.#socket) return
      for (const bytes of this.#framer.push(chunk)) this.#take(decode(bytes))
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('close', () => reject(new Error('the controller does not listen')))
    })
    socket.setNoDelay(true)
    socket.write(helloBytes([this.version], 1))
  }

  /** Cuts the connection at once. */
  drop(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  async close(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    if (!socket || socket.destroyed) return
    await new Promise<void>((resolve) => {
      socket.once('close', resolve)
      socket.destroy()
    })
  }

  /** Resolves when the controller has closed the connection. */
  async closedByPeer(): Promise<void> {
    const socket = this.#socket
    if (!socket || socket.destroyed) return
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  }

  /** From now on rules for which `rule` gives an error's name are refused with it; `undefined` ends that. */
  refuse(rule: ((mod: FlowMod) => string | undefined) | undefined, at: RefusedAt = 'commit'): void {
    this.#refusal = rule && { rule, at }
  }

  /** Stops reading what the controller sends; TCP then fills up. */
  stopReading(): void {
    this.#socket?.pause()
  }

  startReading(): void {
    this.#socket?.resume()
  }

  /** Resolves when `done` holds, looking again after every message that comes. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve))
    }
  }

  count(type: Message['type']): number {
    return this.received.get(type) ?? 0
  }

  /** Punts a packet that came in by `inPort`. */
  packetIn({
    inPort,
    data,
    tableId = 0,
    cookie = 0n,
  }: {
    inPort: number
    data: Uint8Array
    tableId?: number
    cookie?: bigint
  }): void {
    this.send({
      type: 'packet_in',
      bufferId: 0xffffffff,
      totalLen: data.length,
      reason: 'action',
      tableId,
      cookie,
      match: [{ field: 'in_port', value: inPort }],
      data,
    })
  }

  /** Adds, changes or removes a port and tells the controller if connected. */
  portStatus(reason: 'add' | 'delete' | 'modify', port: PortEntry): void {
    this.#ports = this.#ports.filter(({ portNo }) => portNo !== port.portNo)
    if (reason !== 'delete') this.#ports.push(port)
    if (this.isConnected) this.send({ type: 'port_status', reason, port })
  }

  send(message: Unheaded, xid = 0): void {
    this.sendBytes(encode({ ...message, version: this.version, xid }))
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket?.write(bytes)
  }

  #take(message: Message): void {
    this.received.set(message.type, this.count(message.type) + 1)
    this.#answer(message)
    for (const look of this.#watchers.splice(0)) look()
  }

  #answer(message: Message): void {
    const { xid } = message
    if (message.type === 'echo_request') {
      if (this.answersEcho) this.send({ type: 'echo_reply', data: message.data }, xid)
    } else if (message.type === 'features_request') this.#sendFeatures(xid)
    else if (message.type === 'barrier_request') this.send({ type: 'barrier_reply' }, xid)
    else if (message.type === 'error') this.errors.push(message)
    else if (message.type === 'multipart_request') this.#sendMultipart(message.body, xid)
    else if (message.type === 'flow_mod') this.#refuseOr(message, xid, () => this.flows.apply(message))
    else if (message.type === 'meter_mod') this.#applyMeter(message, xid)
    else if (message.type === 'bundle_control') this.#control(message)
    else if (message.type === 'bundle_add') this.#add(message)
  }

  #sendFeatures(xid: number): void {
    const { datapathId, auxiliaryId = 0 } = this.#options
    const id = BigInt(`0x${datapathId}`)
    this.send(
      { type: 'features_reply', datapathId: id, nBuffers: 0, nTables: 254, auxiliaryId, capabilities: [] },
      xid,
    )
  }

  #sendMultipart(body: MultipartBody, xid: number): void {
    const reply = (answer: object, flags: readonly 'more'[] = []) =>
      this.send({ type: 'multipart_reply', flags, body: answer } as Unheaded, xid)
    if (body.type === 'desc') {
      const { description = 'simulated' } = this.#options
      reply({ type: 'desc', manufacturer: description, hardware: '', software: '', serial: '', datapath: '' })
    } else if (body.type === 'port_desc') reply({ type: 'port_desc', entries: this.#ports })
    else if (body.type === 'meter_config') reply({ type: 'meter_config', entries: [...this.meters.values()] })
    else if (body.type === 'port')
      reply({ type: 'port', entries: this.#ports.map((one) => this.#counters(one)) })
    else if (body.type === 'flow') {
      const selected = this.flows.select(body)
      const { flowsPerPart = 100 } = this.#options
      for (let at = 0; at === 0 || at < selected.length; at += flowsPerPart) {
        const more = at + flowsPerPart < selected.length
        reply({ type: 'flow', entries: selected.slice(at, at + flowsPerPart) }, more ? ['more'] : [])
      }
    } else this.#error('OFPBRC_BAD_MULTIPART', xid)
  }

  #counters({ portNo }: PortEntry): PortStats {
    const { rx, tx } = this.portBytes.get(portNo) ?? { rx: 0n, tx: 0n }
    const packets = { rxPackets: 0n, txPackets: 0n, rxDropped: 0n, txDropped: 0n, rxErrors: 0n, txErrors: 0n }
    const ethernet = {
      type: 'ethernet',
      rxFrameErr: 0n,
      rxOverErr: 0n,
      rxCrcErr: 0n,
      collisions: 0n,
    } as const
    const [durationS, durationNs, properties] = [0, 0, [ethernet]]
    return { portNo, rxBytes: rx, txBytes: tx, ...packets, durationS, durationNs, properties }
  }

  /** Sends the error that the test asked for or that `apply` gives. */
  #refuseOr(mod: FlowMod, xid: number, apply: () => string | undefined): void {
    const error = this.#refusal?.rule(mod) ?? apply()
    if (error !== undefined) this.#error(error, xid)
  }

  #error(code: string, xid: number): void {
    const errorType = errorTypes.find(({ codes }) => codes.includes(code))?.name
    if (errorType === undefined) throw new Error(`no error is called ${code}`)
    this.send({ type: 'error', errorType, code, data: new Uint8Array(0) }, xid)
  }

  #applyMeter(mod: MeterMod, xid: number): void {
    const known = this.meters.has(mod.meterId)
    if (mod.command === 'delete') {
      if (mod.meterId === reservedPort.any) this.meters.clear()
      else this.meters.delete(mod.meterId)
    } else if (mod.command === 'add' && known) this.#error('OFPMMFC_METER_EXISTS', xid)
    else if (mod.command === 'modify' && !known) this.#error('OFPMMFC_UNKNOWN_METER', xid)
    else this.meters.set(mod.meterId, mod)
  }

  #control({ bundleId, control, xid }: Extract<Message, { type: 'bundle_control' }>): void {
    const error = this.#controlBundle(bundleId, control)
    if (error !== undefined) {
      this.#error(error, xid)
      return
    }
    const answer = control.replace('request', 'reply') as typeof control
    this.send({ type: 'bundle_control', bundleId, control: answer, flags: ['atomic', 'ordered'] }, xid)
  }

  #controlBundle(bundleId: number, control: string): string | undefined {
    if (control === 'open_request') {
      this.#bundles.set(bundleId, { members: [], closed: false })
      return undefined
    }
    const bundle = this.#bundles.get(bundleId)
    if (!bundle) return 'OFPBFC_BAD_ID'
    if (control === 'close_request') bundle.closed = true
    else this.#bundles.delete(bundleId)
    return control === 'commit_request' && !this.#commit(bundle) ? 'OFPBFC_MSG_FAILED' : undefined
  }

  #add({ bundleId, message, xid }: Extract<Message, { type: 'bundle_add' }>): void {
    const bundle = this.#bundles.get(bundleId)
    if (!bundle) this.#error('OFPBFC_BAD_ID', xid)
    else if (bundle.closed) this.#error('OFPBFC_BUNDLE_CLOSED', xid)
    else if (message.type !== 'flow_mod') this.#error('OFPBFC_MSG_UNSUP', xid)
    else {
      const error = this.#refusal?.at === 'add' ? this.#refusal.rule(message) : undefined
      if (error === undefined) bundle.members.push(message)
      else this.#error(error, xid)
    }
  }

  /** All members or none; the first that fails gets the error. */
  #commit({ members }: Bundle): boolean {
    const before = this.flows.snapshot()
    for (const member of members) {
      const error =
        (this.#refusal?.at === 'commit' ? this.#refusal.rule(member) : undefined) ?? this.flows.apply(member)
      if (error === undefined) continue
      this.flows.restore(before)
      this.#error(error, member.xid)
      return false
    }
    return true
  }
}
