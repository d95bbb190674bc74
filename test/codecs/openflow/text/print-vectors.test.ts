/** Every recorded message in the words that ovs-ofctl 3.1 has for it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, type Message, print, WireError } from 'ts-openflow'
import { ovsVectors } from '../support/ovs-vectors.ts'
import { isRefused, printDifference, type Printed } from '../support/print-differences.ts'
import { allVectors } from '../support/vectors.ts'

interface Sample extends Printed {
  readonly hex: string
  /** The lines of bytes are left out of it. */
  readonly withoutDump: boolean
}

const samples: readonly Sample[] = [
  ...ovsVectors.map((one) => ({ ...one, withoutDump: false })),
  ...allVectors.map(({ file, hex, ovs_print }) => ({ name: file, hex, print: ovs_print, withoutDump: true })),
]

function decoded(hex: string): Message | undefined {
  try {
    return decode(new Uint8Array(Buffer.from(hex, 'hex')))
  } catch (error) {
    assert.ok(error instanceof WireError)
    return undefined
  }
}

const dumpLine = /^[0-9a-f]{8} {2}[0-9a-f]{2}.*\n?/gm
const comparable = (text: string, { withoutDump }: Sample): string =>
  (withoutDump ? text.replace(dumpLine, '') : text).trimEnd()

/** Up to what ovs-ofctl could not read; where it has no title, nothing. */
const beginning = (text: string): string => /^[^\n]*?\(xid=0x[0-9a-f]+\):/.exec(text)?.[0] ?? ''

test('printing says what ovs-ofctl says', (context) => {
  let [same, began, different] = [0, 0, 0]
  for (const sample of samples) {
    const message = decoded(sample.hex)
    if (message === undefined) continue
    // Which group a request or change is about is not shown by ovs-ofctl.
    const ours = print(message).replaceAll(/ out_group[:=]\d+/g, '')
    if (printDifference(sample) !== undefined) different++
    else if (isRefused(sample)) {
      const title = beginning(sample.print)
      assert.ok(ours.startsWith(title), `${sample.name}: ${ours}\ninstead of ${sample.print}`)
      began++
    } else {
      assert.equal(comparable(ours, sample), comparable(sample.print, sample), sample.name)
      same++
    }
  }
  context.diagnostic(
    `${same} the same, ${began} that ovs-ofctl cannot read whole, ${different} known to differ`,
  )
  assert.ok(same > 1_400, `${same} of ${samples.length} are the same`)
})
