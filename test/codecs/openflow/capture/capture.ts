/**
 * Records `vectors/ovs.jsonl`: OpenFlow messages of a real Open vSwitch and of its own ovs-ofctl, in both directions and
 * every version from 1.0 to 1.5. Run it as root on Open vSwitch 3.1:
 *
 *     node --import tsx test/codecs/openflow/capture/capture.ts
 *
 * One message per line with what `ovs-ofctl ofp-print` says of it. The messages are cut from the stream by the length in
 * their header and kept as they are; the codec has no part in it, so the vectors can judge the codec. What several
 * versions write alike is kept in one of them (recording.ts), and of long replies about tables only a few (shorten.ts).
 * The switch's clock stands still but where a scenario moves it, so another run gives nearly the same file.
 */
import { writeFileSync } from 'node:fs'
import { Recording } from './recording.ts'
import { errors } from './scenario-errors.ts'
import { events } from './scenario-events.ts'
import { flows } from './scenario-flows.ts'
import { monitors } from './scenario-monitors.ts'
import { session } from './scenario-session.ts'
import { bundles, groups, switchItself } from './scenario-switch.ts'
import { Stage } from './stage.ts'

const every = { switchItself, flows, groups, bundles, session, events, monitors, errors }
// Names of scenarios after the command record only those, to standard output.
const chosen = process.argv.slice(2)
const scenarios = Object.entries(every).filter(([name]) => chosen.length === 0 || chosen.includes(name))

const recording = new Recording()
let open: Stage | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void open?.close().finally(() => process.exit(1)))
for (const [, scenario] of scenarios) {
  const stage = await Stage.open(recording)
  open = stage
  try {
    await scenario(stage)
  } finally {
    await stage.close()
    open = undefined
  }
}
const lines = await recording.lines()
const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
if (chosen.length > 0) process.stdout.write(text)
else writeFileSync(new URL('../vectors/ovs.jsonl', import.meta.url), text)
process.stderr.write(`${lines.length} messages, ${text.length} bytes\n`)
