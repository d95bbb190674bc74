/** What `ovs-ofctl ofp-parse` does, by the package: a stream cut into messages, decoded, and printed. */
import { decode, encode, Framer, print } from 'ts-openflow'
import { flowMods } from './messages.ts'

/** Nanoseconds for a message. */
export function measurePrinting(): number {
  const stream = new Uint8Array(Buffer.concat(flowMods().map((message) => encode(message))))
  const framer = new Framer()
  let letters = 0
  let messages = 0
  const work = (repeats: number): void => {
    for (let repeat = 0; repeat < repeats; repeat++)
      for (const bytes of framer.push(stream)) {
        letters += print(decode(bytes)).length
        messages++
      }
  }
  work(300)
  messages = 0
  const start = process.hrtime.bigint()
  work(600)
  const ns = Number(process.hrtime.bigint() - start) / messages
  if (letters === 0) throw new Error('nothing was printed')
  return ns
}
