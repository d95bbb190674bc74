/**
 * Thousands of texts through our parser and through the installed ovs-ofctl: the same bytes, or bytes that print the same.
 * SEED=n in the environment makes other texts.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  encode,
  EncodeError,
  type MessageInput,
  parseFlow,
  parseGroup,
  parseMeter,
  WireError,
} from 'ts-openflow'
import {
  type FlowCommand,
  flowOracle,
  type GroupCommand,
  groupOracle,
  type MeterCommand,
  meterOracle,
  printOracle,
  type Verdict,
  whyNoOfctl,
} from '../codecs/openflow/support/ofctl.ts'
import { flowTexts, type Text } from '../codecs/openflow/text/corpus/flow-texts.ts'
import { groupTexts } from '../codecs/openflow/text/corpus/group-texts.ts'
import { meterTexts } from '../codecs/openflow/text/corpus/meter-texts.ts'
import { type BadText, doubtfulTexts, refusedTexts } from '../codecs/openflow/text/corpus/refused-texts.ts'

type Kind = BadText['kind']

const reason = whyNoOfctl()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? {} : { skip: reason }

/** Ours, with the command as our parser names it. */
const parse = (kind: Kind, version: number, text: string, command: string | undefined): MessageInput => {
  const head = { version, xid: 0 }
  if (kind === 'meter') {
    return { ...parseMeter(text, command === undefined ? {} : { command: command as MeterCommand }), ...head }
  }
  const known = command === undefined ? {} : { command }
  if (kind === 'flow')
    return { ...parseFlow(text, { version, ...(known as { command?: FlowCommand }) }), ...head }
  const ours =
    command === 'add_or_mod' ? 'add_or_modify' : (command as Exclude<GroupCommand, 'add_or_mod'> | undefined)
  return { ...parseGroup(text, { version, ...(ours === undefined ? {} : { command: ours }) }), ...head }
}

type Oracle = (version: number, texts: readonly string[], command?: never) => Promise<readonly Verdict[]>
const oracles: Readonly<Record<Kind, Oracle>> = { flow: flowOracle, group: groupOracle, meter: meterOracle }

const seed = Number(process.env['SEED'] ?? 1)

/** What we send for it in hex, or the error; any but our two is a fault of ours. */
const ours = (
  kind: Kind,
  version: number,
  text: string,
  command: string | undefined,
): { hex: string } | { error: Error } => {
  try {
    return { hex: Buffer.from(encode(parse(kind, version, text, command))).toString('hex') }
  } catch (error) {
    if (error instanceof EncodeError || error instanceof WireError) return { error }
    throw new Error(`not one of our errors for version ${version}: ${JSON.stringify(text)}`, { cause: error })
  }
}

interface Asked {
  readonly text: string
  readonly command: string | undefined
  readonly verdict: Verdict
}

const ask = async (
  kind: Kind,
  version: number,
  texts: readonly { readonly text: string; readonly command: string | undefined }[],
): Promise<readonly Asked[]> => {
  const asked: Asked[] = []
  for (const command of new Set(texts.map((one) => one.command))) {
    const some = texts.filter((one) => one.command === command)
    const verdicts = await oracles[kind](
      version,
      some.map(({ text }) => text),
      command as never,
    )
    some.forEach(({ text }, at) => {
      const verdict = verdicts[at]
      if (verdict !== undefined) asked.push({ text, command, verdict })
    })
  }
  return asked
}

const listed = (failures: readonly string[]): string => {
  const more = failures.length > 10 ? [`and ${failures.length - 10} more`] : []
  return [`seed ${seed}:`, ...failures.slice(0, 10), ...more].join('\n')
}

interface Tally {
  readonly same: number
  readonly alike: number
  readonly failures: readonly string[]
}

/** Texts that ovs-ofctl took: ours must be its bytes, or print as they do. */
const compare = async (kind: Kind, version: number, asked: readonly Asked[]): Promise<Tally> => {
  let same = 0
  const failures: string[] = []
  const other: {
    readonly name: string
    readonly hex: string
    readonly wanted: { hex: string; print: string }
  }[] = []
  for (const { text, command, verdict } of asked) {
    const name = `version ${version} ${kind} ${command ?? ''} ${JSON.stringify(text)}`
    const our = ours(kind, version, text, command)
    if ('refusal' in verdict)
      failures.push(`${name}: ovs-ofctl refuses a text of the generator: ${verdict.refusal}`)
    else if ('error' in our) failures.push(`${name}: refused: ${our.error.message}`)
    else if (our.hex === verdict.hex) same++
    else other.push({ name, hex: our.hex, wanted: verdict })
  }
  const prints = await printOracle(other.map(({ hex }) => hex))
  let alike = 0
  other.forEach(({ name, hex, wanted }, at) => {
    if (prints[at] === wanted.print) alike++
    else
      failures.push(
        `${name}:\n    ours ${hex}\n         ${prints[at] ?? ''}\n    ovs  ${wanted.hex}\n         ${wanted.print}`,
      )
  })
  return { same, alike, failures }
}

/** The line of a flow as printed, as a text again: what is printed must be what is read. */
const flowAgain = (print: string): string | undefined => {
  const line = /: ADD (?:table:(\d+) )?(.*) actions=(.*)$/.exec(print)
  if (line === null) return undefined
  const keys = (line[2] ?? '')
    .replace(/^<any>/, '')
    .replace(/ (cookie|importance):/g, ',$1=')
    .replace(/ (idle|hard):/g, ',$1_timeout=')
  return `${line[1] === undefined ? '' : `table=${line[1]},`}${keys} actions=${line[3] ?? ''}`
}

/** Printed without their masks, in which ovs-ofctl would put their values. */
const mistaken = /tun_erspan_(?:ver|dir|hwid)=/

const many: Readonly<Record<Kind, readonly number[]>> = {
  flow: [0, 400, 1500, 1500, 2000, 1500, 2000],
  group: [0, 400, 400, 400, 400, 400, 400],
  meter: [0, 0, 0, 0, 80, 80, 80],
}

const texts = (kind: Kind, version: number): readonly Text<string>[] => {
  const wish = { seed, version, count: many[kind][version] ?? 0 }
  if (kind === 'flow') return flowTexts(wish)
  return kind === 'group' ? groupTexts(wish) : meterTexts(wish)
}

const verdicts = new Map<string, Promise<readonly Asked[]>>()

/** What ovs-ofctl makes of the random texts, asked once. */
const asked = (kind: Kind, version: number): Promise<readonly Asked[]> => {
  const name = `${kind} ${version}`
  const known = verdicts.get(name) ?? ask(kind, version, texts(kind, version))
  verdicts.set(name, known)
  return known
}

for (const version of [1, 2, 3, 4, 5, 6]) {
  for (const kind of ['flow', 'group', 'meter'] as const) {
    if (many[kind][version] === 0) continue
    test(`wire version ${version}: ${kind}s as ovs-ofctl has them`, options, async (t) => {
      const all = await asked(kind, version)
      const { same, alike, failures } = await compare(kind, version, all)
      t.diagnostic(`seed ${seed}: ${all.length} texts, ${same} the same bytes, ${alike} the same print`)
      assert.equal(failures.length, 0, listed(failures))
    })
  }

  if (version === 1) continue
  test(`wire version ${version}: what ovs-ofctl prints of flows, read again`, options, async (t) => {
    const first = await asked('flow', version)
    const again = first
      .flatMap(({ verdict }) => ('print' in verdict ? (flowAgain(verdict.print) ?? []) : []))
      .filter((text) => !mistaken.test(text))
    const second = await ask(
      'flow',
      version,
      again.map((text) => ({ text, command: undefined })),
    )
    const taken = second.filter(({ verdict }) => 'hex' in verdict)
    const { same, alike, failures } = await compare('flow', version, taken)
    t.diagnostic(`seed ${seed}: ${taken.length} texts, ${same} the same bytes, ${alike} the same print`)
    assert.ok(taken.length > again.length * 0.9, `${taken.length} of ${again.length} taken again`)
    assert.equal(failures.length, 0, listed(failures))
  })
}

const versionsOf = ({ firstVersion, lastVersion }: BadText): readonly number[] =>
  [1, 2, 3, 4, 5, 6].filter((version) => firstVersion <= version && version <= lastVersion)

test('what ovs-ofctl refuses, we refuse in every version', options, async (t) => {
  const failures: string[] = []
  let count = 0
  for (const bad of refusedTexts) {
    const versions = versionsOf(bad)
    count += versions.length
    const taken = versions.filter((version) => !('error' in ours(bad.kind, version, bad.text, bad.command)))
    if (taken.length > 0) {
      const where = `${bad.kind} ${bad.command ?? ''} in versions ${taken.join(' ')}`
      failures.push(`${JSON.stringify(bad.text)}, ${where}: ${bad.why}`)
    }
  }
  // Asked in one version each, in turn: a process for each text.
  for (const version of [1, 2, 3, 4, 5, 6]) {
    for (const kind of ['flow', 'group', 'meter'] as const) {
      const turn = refusedTexts.filter((bad, at) => versionsOf(bad)[at % versionsOf(bad).length] === version)
      for (const { text, verdict } of await ask(
        kind,
        version,
        turn.filter((bad) => bad.kind === kind),
      )) {
        if ('hex' in verdict)
          failures.push(`ovs-ofctl takes it in version ${version}: ${JSON.stringify(text)}`)
      }
    }
  }
  t.diagnostic(`${refusedTexts.length} texts, ${count} refusals`)
  assert.equal(failures.length, 0, listed(failures))
})

const isRead = async (hex: string): Promise<boolean> =>
  !(await printOracle([hex])).join('').includes('decode error')

test(
  'where ovs-ofctl says something else, we refuse, or send its bytes or better ones',
  options,
  async (t) => {
    const failures: string[] = []
    const count = { refused: 0, same: 0, better: 0 }
    for (const version of [1, 2, 3, 4, 5, 6]) {
      for (const kind of ['flow', 'group', 'meter'] as const) {
        const doubtful = doubtfulTexts.filter((bad) => bad.kind === kind && versionsOf(bad).includes(version))
        for (const { text, command, verdict } of await ask(kind, version, doubtful)) {
          const our = ours(kind, version, text, command)
          const wanted = 'hex' in verdict ? verdict.hex : verdict.refusal
          const isMistaken = doubtful.some((bad) => bad.text === text && bad.why.startsWith('mistaken: '))
          if ('error' in our) count.refused++
          else if (our.hex === wanted) count.same++
          else if (isMistaken && (await isRead(our.hex))) count.better++
          else
            failures.push(
              `version ${version} ${kind} ${JSON.stringify(text)}:\n    ours ${our.hex}\n    ovs  ${wanted}`,
            )
        }
      }
    }
    t.diagnostic(
      `${count.refused} refused, ${count.same} with the bytes of ovs-ofctl, ${count.better} with better ones`,
    )
    assert.equal(failures.length, 0, listed(failures))
  },
)
