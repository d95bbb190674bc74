/** Random values of every field and every action, shown by us and by the installed ovs-ofctl: the same words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showActions, showMatch } from 'ts-openflow'
import {
  messageOf,
  type Printable,
  printableActions,
  printableFields,
  printableNames,
} from '../codecs/openflow/actions/printable.ts'
import { printOracle, whyNoOfctl } from '../codecs/openflow/support/ofctl.ts'

const reason = whyNoOfctl()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? {} : { skip: reason }

const seed = Number(process.env['SEED'] ?? 1)

/** What Open vSwitch 3.1 has not, or takes only when it is tested itself. */
const neverTaken = new Set([
  'in_phy_port',
  'pbb_isid',
  'pbb_uca',
  'ipv6_exthdr',
  'copy_ttl_out',
  'copy_ttl_in',
  'push_pbb',
  'pop_pbb',
  'nx_debug_slow',
  'nx_debug_recirc',
  'experimenter',
  'unknown',
])

const ours = ({ match, actions, version }: Printable): string => {
  const fields = showMatch(match, { version })
  return `${fields}${fields === '' ? '' : ' '}actions=${showActions(actions, { version })}`
}

const theirs = (print: string): string | undefined => /: ADD (.*)$/.exec(print)?.[1]?.trim()

for (const version of [1, 2, 3, 4, 5, 6]) {
  test(`wire version ${version}: what ovs-ofctl takes is shown in its words`, options, async (t) => {
    const all = [
      ...printableFields(version, { seed, count: 15 }),
      ...printableActions(version, { seed, count: 60 }),
      ...(version === 2 ? [] : printableNames(version)),
    ]
    const prints = await printOracle(all.map((one) => Buffer.from(messageOf(one)).toString('hex')))
    const taken = new Set<string>()
    const failures: string[] = []
    all.forEach((one, at) => {
      const print = prints[at] ?? ''
      if (print.includes('decode error')) return
      taken.add(one.subject)
      const [our, their] = [ours(one), theirs(print)]
      if (our !== their) failures.push(`${one.subject}:\n    ours ${our}\n    ovs  ${their ?? print}`)
    })
    t.diagnostic(
      `seed ${seed}: ${all.length} flows with ${taken.size} fields and actions that ovs-ofctl takes`,
    )
    assert.equal(
      failures.length,
      0,
      `${failures.length} of ${all.length}\n${failures.slice(0, 10).join('\n')}`,
    )
    const missing = new Set(all.map(({ subject }) => subject).filter((one) => !taken.has(one)))
    // In 1.1 no match can say that there is a connection.
    const unsayable = version === 2 ? ['nx_resubmit_table_ct'] : []
    const lacking = [...missing].filter((one) => !neverTaken.has(one.replace(/^name of /, '')))
    assert.deepEqual(lacking, unsayable)
  })
}
