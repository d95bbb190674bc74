/**
 * Records what the installed ovs-ofctl 3.1 says of random values of every field and action, as lines of
 * `printed.jsonl`: `node --conditions=source --import tsx test/codecs/openflow/actions/record-printed.ts > FILE`.
 */
import { printOracle, whyNoOfctl } from '../support/ofctl.ts'
import { messageOf, type Printable, printableActions, printableFields, printableNames } from './printable.ts'

const reason = whyNoOfctl()
if (reason !== undefined) throw new Error(`recording ${reason}`)

/** As many as it takes of each field or action. */
const wanted = 2
const seed = 7

const kept = new Map<string, number>()

async function record(all: readonly Printable[]): Promise<void> {
  const hexes = all.map((one) => Buffer.from(messageOf(one)).toString('hex'))
  const prints = await printOracle(hexes)
  all.forEach(({ version, subject }, at) => {
    const [hex, print = ''] = [hexes[at], prints[at]]
    const key = `${version} ${subject}`
    const count = kept.get(key) ?? 0
    if (count === wanted || print.includes('decode error')) return
    kept.set(key, count + 1)
    process.stdout.write(`${JSON.stringify({ version, subject, hex, print })}\n`)
  })
}

await record(printableNames(4))
// The fields of 1.2 to 1.4 are those of 1.3.
for (const version of [1, 4, 6]) await record(printableFields(version, { seed, count: 6 }))
for (const version of [1, 2, 3, 4, 5, 6]) await record(printableActions(version, { seed, count: 60 }))
