/**
 * How an uplink is divided among the classes of traffic that use it: a pure function of what each may have and of what it
 * sends now. Each class can have its reservation and never gets more than its limit; what a class does not use is lent to
 * the others by their shares, and it gets that back a step or two after it begins to send.
 */

export interface ClassLoad {
  readonly name: string
  readonly shares: number
  readonly reservationBps: number
  readonly limitBps?: number
  /** What it tried to send since the step before, dropped or not. */
  readonly useBps: number
  /** The answer of the step before; absent at the first. */
  readonly wantBps?: number
}

export interface Allotment {
  /** The most that it may send until the next step. */
  readonly rateBps: number
  /** What it is taken to want: what is lent to others is the rest. */
  readonly wantBps: number
}

/** Of a link's bandwidth, what is given out: a link that is full has a queue, in which the reserved waits with the rest. */
const usable = 0.97
/** A class that uses so much of what was left for it may be held back: it is taken to want a multiple. */
const isFull = 0.8
const growth = 4
/** Otherwise what it sends and half as much again, so that it can begin to send more; what it had goes by halves. */
const slack = 1.5
const decay = 0.5
/** What every class is left without asking, of the bandwidth: less is no sign of anything. */
const idle = 0.005

/** By name. Reservations that do not fit together are cut in proportion. */
export function allocate(
  bandwidthBps: number,
  classes: readonly ClassLoad[],
): ReadonlyMap<string, Allotment> {
  const held = standing(bandwidthBps, classes)
  const wants = classes.map((one) => want(one, bandwidthBps))
  const lent = divide(bandwidthBps * usable, classes, wants)
  // A class that is taken to want little is not kept from more: its own part is there for it before it is measured.
  return new Map(
    classes.map(({ name }, at) => {
      const rateBps = Math.max(lent[at] ?? 0, held.get(name) ?? 0)
      return [name, { rateBps, wantBps: wants[at] ?? 0 }]
    }),
  )
}

/** By name: the rates when every class sends all it can. They hold whatever happens, with nobody there to measure. */
export function standing(
  bandwidthBps: number,
  classes: readonly Omit<ClassLoad, 'useBps' | 'wantBps'>[],
): ReadonlyMap<string, number> {
  const rates = divide(
    bandwidthBps * usable,
    classes,
    classes.map(() => Infinity),
  )
  return new Map(classes.map(({ name }, at) => [name, rates[at] ?? 0]))
}

function want({ useBps, wantBps = 0, reservationBps, limitBps }: ClassLoad, bandwidthBps: number): number {
  const left = Math.max(wantBps, idle * bandwidthBps)
  const wanted =
    useBps >= isFull * left
      ? Math.max(growth * useBps, reservationBps)
      : Math.max(slack * useBps, decay * wantBps)
  return Math.min(wanted, limitBps ?? Infinity, bandwidthBps)
}

type Terms = Pick<ClassLoad, 'shares' | 'reservationBps' | 'limitBps'>

/** Reservations first, as far as they are wanted; then by shares to those who want more; then the rest to whoever may have it. */
function divide(capacityBps: number, classes: readonly Terms[], wants: readonly number[]): number[] {
  const reserved = classes.reduce((sum, { reservationBps }) => sum + reservationBps, 0)
  const fit = Math.min(1, capacityBps / reserved)
  const rates = classes.map(({ reservationBps, limitBps = Infinity }, at) =>
    Math.min(reservationBps * fit, wants[at] ?? 0, limitBps),
  )
  fill(
    capacityBps,
    rates,
    classes.map(({ shares, limitBps = Infinity }, at) => ({
      shares,
      upTo: Math.min(wants[at] ?? 0, limitBps),
    })),
  )
  fill(
    capacityBps,
    rates,
    classes.map(({ shares, limitBps = Infinity }) => ({ shares, upTo: limitBps })),
  )
  return rates
}

interface Vessel {
  readonly shares: number
  readonly upTo: number
}

/** Pours what is left into the rates by shares; whoever is full leaves the rest to the others, so it ends after a round for each. */
function fill(capacityBps: number, rates: number[], vessels: readonly Vessel[]): void {
  let rest = capacityBps - rates.reduce((sum, rate) => sum + rate, 0)
  let open = vessels
    .map((vessel, at) => ({ ...vessel, at }))
    .filter(({ at, upTo }) => (rates[at] ?? 0) < upTo)
  while (rest > 0 && open.length > 0) {
    const shares = open.reduce((sum, one) => sum + one.shares, 0)
    const room = ({ at, upTo }: (typeof open)[number]) => upTo - (rates[at] ?? 0)
    const poured = rest
    const full = open.filter((one) => room(one) <= (poured * one.shares) / shares)
    for (const one of full.length > 0 ? full : open) {
      const more = full.length > 0 ? room(one) : (poured * one.shares) / shares
      rates[one.at] = (rates[one.at] ?? 0) + more
      rest -= more
    }
    if (full.length === 0) return
    open = open.filter((one) => !full.includes(one))
  }
}
