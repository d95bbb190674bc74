/**
 * Tells the switches of a segment where VMs are when the uplink that carries them changed: those switches are not ours, and
 * would send to the old uplink until they hear from each VM. Sent through the pipeline as if the VMs themselves had: so
 * announcements take the tree of their network, with its tag, and port security watches over them.
 */
import { type Endpoint, endpointsOf, type Intent, type Switch } from '../model/intent.ts'
import type { DatapathId, Observation } from '../model/observation.ts'
import type { Program } from '../compiler/program.ts'
import { type Announcement, announcements } from './announcements.ts'
import { type UplinksInUse, uplinksInUse } from './segment-uplinks.ts'
import type { Timers } from './timers.ts'

export interface AnnouncerOptions {
  readonly timers: Timers
  /** Hands a frame to the pipeline of a switch as coming from a port; false when the switch is away. */
  readonly send: (id: DatapathId, portNo: number, frame: Uint8Array) => boolean
  /** Resolves when a switch has the rules that it should have, or does not answer. */
  readonly confirmed: (id: DatapathId) => Promise<unknown>
  readonly onChange: (change: UplinkChange) => void
}

export interface UplinkChange {
  readonly switch: string
  readonly segment: string
  readonly from: string
  readonly to: string
  /** How many NICs, and interfaces of the hypervisor, are announced. */
  readonly nics: number
}

interface World {
  readonly program: Program
  readonly located: Intent
  readonly observation: Observation
}

/** 2,000 frames a second from each switch: the MACs of 1,000 NICs are told within half a second, in no burst. */
const tickMs = 10
const framesPerTick = 20
/** All is said once more: what carries it may lose it. */
const againAfterMs = 1_000

/** What a switch still has to say. */
interface Speech {
  nics: readonly Endpoint[]
  rest: Iterator<Announcement>
  cancel: () => void
}

export class Announcer {
  readonly #options: AnnouncerOptions
  readonly #before = new Map<DatapathId, UplinksInUse>()
  readonly #speeches = new Map<DatapathId, Speech>()
  #world: World | undefined

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** A program is on its way. What is seen for the first time is no change. */
  adopted(world: World): void {
    this.#world = world
    for (const declared of world.located.switches.values()) {
      if (declared.role === 'hypervisor' && declared.uplinks.some(({ segment }) => segment !== undefined))
        this.#look(declared, world)
    }
  }

  #look(declared: Switch, { program, located, observation }: World): void {
    const id = declared.datapathId
    const own = program.switches.get(id)
    const observed = observation.switches.get(id)
    if (!own || !observed) return
    const before = this.#before.get(id) ?? new Map<string, string>()
    const now = uplinksInUse(own, declared, observed)
    // A network without an uplink keeps the last one that it had.
    const kept = [...before].filter(([key]) => located.networks.has(networkOf(key)))
    this.#before.set(id, new Map([...kept, ...now]))
    const changed = [...now].filter(([key, port]) => before.has(key) && before.get(key) !== port)
    const networks = new Set(changed.map(([key]) => networkOf(key)))
    if (networks.size === 0) return
    const nics = [...endpointsOf(located)].filter(
      (nic) => nic.switch === declared.name && networks.has(nic.network),
    )
    const told = new Set<string>()
    for (const [key, to] of changed) {
      const [segment, from] = [key.slice(networkOf(key).length + 1), before.get(key) ?? '']
      const change = { switch: declared.name, segment, from, to, nics: nics.length }
      if (told.size < told.add(`${segment} ${from} ${to}`).size) this.#options.onChange(change)
    }
    void this.#options.confirmed(id).then(() => {
      this.announce(id, nics)
    })
  }

  /** For whatever reason. What was not yet said of an earlier change is said with it. */
  announce(id: DatapathId, more: readonly Endpoint[]): void {
    const old = this.#speeches.get(id)
    old?.cancel()
    const nics = [...new Map([...(old?.nics ?? []), ...more].map((nic) => [nic.id, nic])).values()]
    const speech: Speech = { nics, rest: announcements(nics), cancel: () => undefined }
    this.#speeches.set(id, speech)
    this.#say(id, speech, true)
  }

  #say(id: DatapathId, speech: Speech, again: boolean): void {
    for (let count = 0; count < framesPerTick; count++) {
      const next = speech.rest.next()
      if (next.done === true) {
        this.#end(id, speech, again)
        return
      }
      const { nic, frame } = next.value
      const no = this.#world?.observation.switches.get(id)?.ports.get(nic.port)?.no
      if (no !== undefined && !this.#options.send(id, no, frame)) {
        this.#speeches.delete(id)
        return
      }
    }
    speech.cancel = this.#options.timers.after(tickMs, () => {
      this.#say(id, speech, again)
    })
  }

  #end(id: DatapathId, speech: Speech, again: boolean): void {
    if (!again) {
      this.#speeches.delete(id)
      return
    }
    speech.rest = announcements(speech.nics)
    speech.cancel = this.#options.timers.after(againAfterMs, () => {
      this.#say(id, speech, false)
    })
  }
}

const networkOf = (key: string) => key.slice(0, key.indexOf('/'))
