/**
 * One session per datapath: when a second peer claims the datapath id of a session, the old session is probed and keeps
 * the id as long as it answers; when it does not, the newcomer has it. Neither a thief nor an unclean drop keeps a
 * switch out. Both are told.
 */
import type { Connection } from './connection.ts'
import type { Incident, SessionHandlers, SessionOptions } from './session-options.ts'

export interface DatapathsOptions {
  /** Time that the old session has to prove it is there. */
  readonly challengeMs: number
  readonly onUp: SessionOptions['onUp']
  readonly onIncident: (incident: Incident) => void
}

/** A place for a newcomer's handlers, which come when it has been let in; until then nothing is dispatched. */
interface Slot {
  handlers: SessionHandlers
}

/** Auxiliary connections (OF 1.3.5 6.3.5) share the datapath id of the main one. */
function keyOf({ features }: Connection): string {
  return `${features.datapathId.toString(16)}/${features.auxiliaryId ?? 0}`
}

export class Datapaths {
  readonly #options: DatapathsOptions
  readonly #holders = new Map<string, Connection>()
  /** Those for which a newcomer waits. */
  readonly #challenged = new Set<string>()

  constructor(options: DatapathsOptions) {
    this.#options = options
  }

  /** For a session that has come up: gives its handlers, at once or when its claim has been judged. */
  admit(connection: Connection): SessionHandlers {
    const key = keyOf(connection)
    if (this.#challenged.has(key)) return this.#refuse(connection, 'another peer is being judged')
    const old = this.#holders.get(key)
    if (!old?.isUp) return this.#install(key, connection)
    this.#tell(connection, 'duplicate-datapath', `it claims the datapath id of ${old.remote}`)
    if (haveOtherCertificates(old, connection)) {
      return this.#refuse(connection, `${old.remote} has another certificate`)
    }
    const slot: Slot = { handlers: {} }
    void this.#challenge(key, { old, connection, slot })
    return {
      onMessage: (message) => slot.handlers.onMessage?.(message),
      onClose: (ending) => slot.handlers.onClose?.(ending),
    }
  }

  async #challenge(
    key: string,
    { old, connection, slot }: { old: Connection; connection: Connection; slot: Slot },
  ): Promise<void> {
    this.#challenged.add(key)
    const answers = await old.ping({ timeoutMs: this.#options.challengeMs }).then(
      () => true,
      () => false,
    )
    this.#challenged.delete(key)
    if (!connection.isUp) return
    if (answers) {
      this.#refuse(connection, `${old.remote} still answers`)
      return
    }
    this.#tell(connection, 'datapath-replaced', `${old.remote} no longer answers`)
    void old.close('replaced by another session')
    try {
      slot.handlers = this.#install(key, connection)
    } catch (error) {
      this.#tell(connection, 'handler-failed', error instanceof Error ? error.message : String(error))
    }
  }

  #install(key: string, connection: Connection): SessionHandlers {
    this.#holders.set(key, connection)
    void connection.ended.then(() => {
      if (this.#holders.get(key) === connection) this.#holders.delete(key)
    })
    return this.#options.onUp(connection)
  }

  #refuse(connection: Connection, detail: string): SessionHandlers {
    this.#tell(connection, 'duplicate-refused', detail)
    void connection.close('duplicate datapath id')
    return {}
  }

  #tell({ remote, features }: Connection, code: Incident['code'], detail: string): void {
    this.#options.onIncident({ code, detail, remote, datapathId: features.datapathId })
  }
}

/** Whether the certificates of two TLS peers say that they are two. */
function haveOtherCertificates(old: Connection, newcomer: Connection): boolean {
  const [one, other] = [old.certificate?.fingerprint256, newcomer.certificate?.fingerprint256]
  return one !== undefined && one !== other
}
