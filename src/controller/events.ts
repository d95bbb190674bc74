/** The event log: what happened, in order, bounded; a client that was away reads on from the last id it saw. */
import type { ControllerEvent, EventFeed } from '../api/controller.ts'

export interface EventLogOptions {
  readonly now: () => Date
  /** How many events are kept for those who resume. */
  readonly capacity?: number
  /** Give each life of the controller higher ids than the last, so that an id of an earlier life shows as a gap. */
  readonly firstId?: number
}

export class EventLog implements EventFeed {
  readonly #now: () => Date
  readonly #capacity: number
  readonly #listeners = new Set<(event: ControllerEvent) => void>()
  #events: ControllerEvent[] = []
  #nextId: number

  constructor({ now, capacity = 10_000, firstId = 1 }: EventLogOptions) {
    this.#nextId = firstId
    this.#now = now
    this.#capacity = capacity
  }

  append(type: string, data: ControllerEvent['data']): void {
    const event = { id: this.#nextId++, time: this.#now().toISOString(), type, data }
    this.#events.push(event)
    // Trimmed in bulk: dropping one from the front of a long array each time would cost its length.
    if (this.#events.length >= this.#capacity * 2) this.#events = this.#events.slice(-this.#capacity)
    for (const listener of this.#listeners) listener(event)
  }

  readonly since = (id: number): ReturnType<EventFeed['since']> => {
    const first = this.#events[0]?.id ?? this.#nextId
    return {
      events: this.#events.slice(Math.max(0, id + 1 - first)),
      gap: id + 1 < first || id >= this.#nextId,
    }
  }

  readonly subscribe = (listener: (event: ControllerEvent) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
