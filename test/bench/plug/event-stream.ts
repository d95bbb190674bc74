/** The controller's events as they come, for who waits for one of them. */
import { get, type IncomingMessage } from 'node:http'
import type { ControllerEvent } from '../../../src/api/controller.ts'

export interface Plugged {
  /** When the event was here. */
  readonly atMs: number
  readonly confirmedAfterMs: number
}

interface Waiting {
  readonly resolve: (plugged: Plugged) => void
  readonly reject: (error: Error) => void
}

export class EventStream {
  readonly #response: IncomingMessage
  readonly #waiting = new Map<string, Waiting>()
  #rest = ''

  private constructor(response: IncomingMessage) {
    this.#response = response
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    response.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the controller ended the events'))
    })
  }

  static open(url: string): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      get(`${url}/v1/events`, (response) => resolve(new EventStream(response))).on('error', reject)
    })
  }

  /** Resolves when that NIC is plugged in and confirmed; rejects when it is plugged in and not confirmed. */
  plugged(nic: string): Promise<Plugged> {
    return new Promise((resolve, reject) => this.#waiting.set(nic, { resolve, reject }))
  }

  close(): void {
    this.#response.destroy()
  }

  #read(text: string): void {
    const atMs = performance.now()
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue
      const { type, data } = JSON.parse(line.slice('data: '.length)) as ControllerEvent
      if (type !== 'nic.plugged') continue
      const nic = String(data['nic'])
      const waiting = this.#waiting.get(nic)
      this.#waiting.delete(nic)
      if (data['confirmed'] === true)
        waiting?.resolve({ atMs, confirmedAfterMs: Number(data['confirmedAfterMs']) })
      else waiting?.reject(new Error(`${nic} was not confirmed`))
    }
  }
}
