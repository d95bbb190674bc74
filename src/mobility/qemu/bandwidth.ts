/** How fast QEMU sends a guest: what is wanted of it, and what it was told. In bytes per second, as QEMU counts. */
import type { QmpEndpoint } from './endpoint.ts'
import { fieldsOf, numberIn } from './messages.ts'

/** Unless told otherwise. */
const qemuBytesPerS = 128 * 1024 * 1024

/** While a guest is held: hardly anything, and a value that nobody else would set. */
export const heldBytesPerS = 1_009

/** 0: as fast as it goes. */
export async function setBandwidth(source: QmpEndpoint, bytesPerS: number): Promise<void> {
  await source.execute('migrate-set-parameters', { 'max-bandwidth': bytesPerS })
}

export async function bandwidthBytesPerS(source: QmpEndpoint): Promise<number> {
  const parameters = fieldsOf(await source.execute('query-migrate-parameters'))
  return numberIn(parameters, 'max-bandwidth') ?? qemuBytesPerS
}

/** What a controller left that ended while it held the guest. */
export async function unhold(source: QmpEndpoint): Promise<void> {
  if ((await bandwidthBytesPerS(source)) === heldBytesPerS) await setBandwidth(source, qemuBytesPerS)
}

/** The share of the migration network that a transfer has; as QEMU has it where nothing is wanted. */
export class Bandwidth {
  readonly #source: QmpEndpoint
  #wantedBps: number | undefined
  #toldBps: number | undefined

  constructor(source: QmpEndpoint, wantedBps: number | undefined) {
    this.#source = source
    this.#wantedBps = wantedBps
  }

  want(bps: number): void {
    this.#wantedBps = bps
  }

  /** Tells QEMU, unless it knows. */
  async tell(): Promise<void> {
    const bps = this.#wantedBps
    if (bps === undefined || bps === this.#toldBps) return
    await setBandwidth(this.#source, Math.floor(bps / 8))
    this.#toldBps = bps
  }
}
