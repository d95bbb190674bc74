/**
 * Records `vectors/ovs.jsonl`: OpenFlow messages of a real Open vSwitch and of its own ovs-ofctl, in both directions and
 * every version from 1.0 to 1.5. Run it as root on Open vSwitch 3.1:
 *
 *     node --import tsx test/codecs/openflow/capture/capture.ts
 *
 * One message per line with what `ovs-ofctl ofp-print` says of it. The messages are cut from the stream by the length in
 * their header and kept as they are; the codec has no part in it, so the vectors can judge the codec. The switch's clock
 * stands still but where a scenario moves it, so another run gives nearly the same file.
 */
import { writeFileSync } from 'node:fs'
import { Recording } from './recording.ts'
import { flows } from './scenario-flows.ts'
import { Stage } from './stage.ts'

const scenarios = [flows]

const recording = new Recording()
for (const scenario of scenarios) {
  const stage = await Stage.open(recording)
  try {
    await scenario(stage)
  } finally {
    await stage.close()
  }
}
const lines = await recording.lines()
const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
writeFileSync(new URL('../vectors/ovs.jsonl', import.meta.url), text)
process.stdout.write(`${lines.length} messages, ${text.length} bytes\n`)
