/** A controller around moves that keeps all in memory, whose switches answer what a test tells them to. */
import { emptyDeclaration } from '../../../src/model/declaration.ts'
import { changeIntent } from '../../../src/model/build.ts'
import type { Intent } from '../../../src/model/intent.ts'
import { locate } from '../../../src/model/located.ts'
import { emptyObservation, type Observation } from '../../../src/model/observation.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'
import type { Move } from '../../../src/mobility/move.ts'
import { Moves } from '../../../src/mobility/moves.ts'
import type { HeldFrame, MoveAnswer, MoveWorld } from '../../../src/mobility/world.ts'
import type { HypervisorDriver } from '../../../src/mobility/driver.ts'
import type { MovePrediction } from '../../../src/mobility/prediction.ts'

const nic = (network: string, last: number) => ({
  network,
  mac: `02:00:00:00:01:0${last}`,
  ips: [`10.0.${network === 'blue' ? 1 : 9}.${last}`],
})

export const spec: IntentSpec = {
  name: 'moves',
  switches: {
    hv1: { datapath: '0000000000000001', role: 'hypervisor', uplinks: ['eth0'] },
    hv2: { datapath: '0000000000000002', role: 'hypervisor', uplinks: ['eth0'] },
    leaf: { datapath: '00000000000000b1', role: 'fabric' },
  },
  networks: {
    blue: { kind: 'vm', vlan: 101, subnets: ['10.0.1.0/24'] },
    lab: { kind: 'internal', switch: 'hv1', subnets: ['10.0.9.0/24'] },
  },
  vms: {
    web1: { host: 'hv1', nics: [nic('blue', 1)] },
    web2: { host: 'hv2', nics: [nic('blue', 2)] },
    lab1: { host: 'hv1', nics: [nic('lab', 3)] },
    lab2: { host: 'hv1', nics: [nic('lab', 4)] },
  },
}

export class SimulatedWorld {
  observation: Observation
  declaration = intentOf(spec)
  /** What was said and done, in order. */
  readonly log: string[] = []
  readonly incidents: string[] = []
  readonly reinjected: HeldFrame[] = []
  /** State of each switch; `confirmed` unless told. */
  readonly states = new Map<string, MoveAnswer['state']>()
  /** By name. */
  readonly rehearsed = new Map<string, NonNullable<Observation['passages']>>()
  errors: readonly string[] = []
  readonly sessions: Record<'from' | 'to', ReadonlySet<string> | undefined> = {
    from: new Set(),
    to: new Set(),
  }
  prediction: Promise<MovePrediction | undefined> = Promise.resolve(undefined)
  driver: HypervisorDriver | undefined
  kept: unknown
  full = false
  readonly moves: Moves

  constructor(kept?: unknown, driver?: HypervisorDriver) {
    this.kept = kept
    this.driver = driver
    this.observation = { ...emptyObservation, switches: new Map() }
    this.moves = this.#makeMoves()
    this.plug('hv1', 'web1-0')
  }

  get intent(): Intent {
    return this.declaration.intent
  }

  plug(host: string, port: string): void {
    this.#setPort(host, port, true)
  }

  /** Another document instead of `spec`. */
  redeclare(document: IntentSpec): void {
    this.declaration = intentOf(document)
  }

  unplug(host: string, port: string): void {
    this.#setPort(host, port, false)
  }

  /** As after a crash: a new one with what was kept. */
  restarted(): SimulatedWorld {
    const next = new SimulatedWorld(this.kept, this.driver)
    next.observation = { ...this.observation, passages: new Map() }
    next.declaration = this.declaration
    next.states.clear()
    return next
  }

  #setPort(host: string, name: string, there: boolean): void {
    const datapathId = this.intent.switches.get(host)?.datapathId ?? ''
    const ports = new Map(this.observation.switches.get(datapathId)?.ports)
    if (there) ports.set(name, { no: ports.size + 1, name, mac: 1, up: true })
    else ports.delete(name)
    const switches = new Map(this.observation.switches).set(datapathId, { datapathId, ports })
    this.observation = { ...this.observation, switches }
    this.moves.look()
  }

  #makeMoves(): Moves {
    return new Moves({
      world: this.#world(),
      remember: (kept) => {
        if (this.full) return Promise.reject(new Error('the disk is full'))
        this.kept = structuredClone(kept)
        return Promise.resolve()
      },
      recall: () => Promise.resolve(this.kept),
      onStep: ({ phase }: Move) => this.log.push(phase),
      bandwidthBps: () => 1e9,
      mostActive: 2,
    })
  }

  #world(): MoveWorld {
    return {
      intent: () => this.intent,
      located: () => locate(this.intent, this.observation).intent,
      observation: () => this.observation,
      setPassages: (passages) => {
        this.observation = { ...this.observation, passages }
        const told = [...passages].map(([id, { stage, noted }]) => `${id} ${stage}${noted ? ' noted' : ''}`)
        this.log.push(`passages: ${told.join(', ')}`)
      },
      rehearse: (name, passages) => {
        if (passages) this.rehearsed.set(name, passages)
        else this.rehearsed.delete(name)
      },
      foretell: () => this.prediction,
      receipts: () =>
        Promise.resolve(
          [...this.intent.switches.keys()].map((name) => ({
            switch: name,
            state: this.states.get(name) ?? 'confirmed',
            errors: name === 'hv2' ? this.errors : [],
          })),
        ),
      declare: (move, at) => {
        if (this.full) return Promise.reject(new Error('the disk is full'))
        const { vms, networks } = move
        const ports = new Map(move.nics.map((one) => [one.nic, one[at].port ?? '']))
        const changed = changeIntent(this.declaration, { kind: 'move', vms, networks, to: move[at], ports })
        if ('problems' in changed) return Promise.reject(new Error(JSON.stringify(changed.problems)))
        this.declaration = changed
        this.log.push(`declared at ${move[at]}`)
        return Promise.resolve()
      },
      announce: (host, nics) => this.log.push(`announced at ${host}: ${nics.join(', ')}`),
      sessions: (_, at) => Promise.resolve(this.sessions[at]),
      forgetSessions: () => {
        this.log.push('sessions forgotten')
        return Promise.resolve()
      },
      lateFrames: () => Promise.resolve(3),
      reinject: (held) => this.reinjected.push(held),
      driver: () => {
        if (!this.driver) throw new Error('no driver')
        return this.driver
      },
      now: () => new Date(0),
      clockMs: () => performance.now(),
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs)
        timer.unref()
        return () => clearTimeout(timer)
      },
      onIncident: (code) => this.incidents.push(code),
    }
  }
}

function intentOf(document: IntentSpec) {
  const changed = changeIntent(emptyDeclaration, { kind: 'replace', spec: document })
  if ('problems' in changed) throw new Error(JSON.stringify(changed.problems))
  return changed
}
