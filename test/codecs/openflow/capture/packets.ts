/**
 * Writes vectors/packets.jsonl: what ovs-ofctl 3.1 shows of the named frames, and of each of them cut short wherever the
 * cut changes the text, with the length in IP's header as it was and true. Run it with `node --conditions=source --import tsx test/codecs/openflow/capture/packets.ts`.
 */
import { writeFileSync } from 'node:fs'
import { type Packet, packetTexts } from '../support/packet-oracle.ts'
import { namedFrames, withTrueLength } from './packet-frames.ts'

interface Candidate extends Packet {
  readonly name: string
  readonly frame: string
}

const candidates: readonly Candidate[] = namedFrames.flatMap(([frame, hex]) => {
  const whole = { frame, name: frame, hex }
  const cuts = Array.from({ length: hex.length / 2 }, (_, size) => {
    const cut = hex.slice(0, 2 * size)
    const name = `${frame}: the first ${size} bytes`
    return [
      { frame, name, hex: cut },
      { frame, name: `${name}, true length`, hex: withTrueLength(cut) },
    ]
  }).flat()
  return [...cuts, whole]
})

const texts = await packetTexts(candidates)
const known = new Set<string>()
const lines: string[] = []
candidates.forEach(({ name, frame, hex }, index) => {
  const print = texts[index] ?? ''
  // Kept: whole frames, and of the cut ones the shortest with a text that no frame before it has.
  if (name !== frame && known.has(print)) return
  known.add(print)
  lines.push(JSON.stringify({ name, hex, print }))
})
writeFileSync(new URL('../vectors/packets.jsonl', import.meta.url), `${lines.join('\n')}\n`)
console.log(`${lines.length} packets of ${candidates.length}`)
