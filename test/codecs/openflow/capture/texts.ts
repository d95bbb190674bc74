/**
 * Writes vectors/ofctl-texts.jsonl: what ovs-ofctl 3.1 makes of texts that between them have every field, spelling and
 * action. Lines are kept for features that no other has: first those that every version must show, then the others as far as they go.
 * Run it with `node --conditions=source --import tsx test/codecs/openflow/capture/texts.ts`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flowOracle, groupOracle, meterOracle, type Verdict } from '../support/ofctl.ts'
import { flowTexts, type Text } from '../text/corpus/flow-texts.ts'
import { groupTexts } from '../text/corpus/group-texts.ts'
import { meterTexts } from '../text/corpus/meter-texts.ts'

type Kind = 'flow' | 'group' | 'meter'

interface Line {
  readonly version: number
  readonly kind: Kind
  readonly command: string | null
  readonly text: string
  readonly hex: string
  readonly print: string
}

const versions = [1, 2, 3, 4, 5, 6]

const told = async <Command>(
  version: number,
  kind: Kind,
  texts: readonly Text<Command>[],
  oracle: (
    version: number,
    texts: readonly string[],
    command: Command | undefined,
  ) => Promise<readonly Verdict[]>,
): Promise<readonly Candidate[]> => {
  const lines: Candidate[] = []
  for (const command of new Set(texts.map((one) => one.command))) {
    const some = texts.filter((one) => one.command === command)
    const verdicts = await oracle(
      version,
      some.map(({ text }) => text),
      command,
    )
    verdicts.forEach((verdict, at) => {
      if ('hex' in verdict) {
        const line = { version, kind, command: command === undefined ? null : String(command), ...verdict }
        lines.push({ ...line, features: some[at]?.features ?? [], size: toJson(line).length })
      } else {
        console.log(`version ${version}: refused: ${verdict.refusal}: ${JSON.stringify(verdict.text)}`)
      }
    })
  }
  return lines
}

type Candidate = Line & { readonly features: readonly string[]; readonly size: number }

const toJson = ({ version, kind, command, text, hex, print }: Line): string =>
  `${JSON.stringify({ version, kind, command, text, hex, print })}\n`

/** Which fields stand in which place, and how values are spelled, need not be seen in every version. */
const isDetail = (kind: Kind, feature: string): boolean =>
  feature.startsWith('~') || (kind === 'group' && !/^(?:group|bucket) /.test(feature))

const seen = new Set<string>()
const keyOf = ({ version, kind }: Candidate, feature: string): string =>
  isDetail(kind, feature) ? feature : `${version} ${kind} ${feature}`

interface Cover {
  readonly size: number
  readonly longest: number
  readonly details: boolean
}

interface Worth {
  readonly line: Candidate
  readonly worth: number
}

const window = 1000

/** The most new features for the least bytes, again and again, until none is new or the size is reached. */
const cover = (lines: readonly Candidate[], { size, longest, details }: Cover): readonly Candidate[] => {
  const worth = (line: Candidate): number => {
    const fresh = line.features.filter((one) => !seen.has(keyOf(line, one)))
    const counted = details ? fresh : fresh.filter((one) => !isDetail(line.kind, one))
    return counted.length / line.size
  }
  const kept: Candidate[] = []
  let left = size
  // What a line is worth only falls, so the best of yesterday is looked at first and the others are left alone.
  let queue = lines.filter((line) => line.size <= longest).map((line) => ({ line, worth: worth(line) }))
  while (left > 0 && queue.length > 0) {
    queue.sort((one, other) => other.worth - one.worth)
    const bound = queue[window]?.worth ?? 0
    let near = queue.slice(0, window)
    while (left > 0) {
      near = near.map(({ line }) => ({ line, worth: worth(line) })).filter((one) => one.worth > 0)
      const best = near.reduce<Worth | undefined>(
        (one, two) => (one && one.worth >= two.worth ? one : two),
        undefined,
      )
      if (best === undefined || best.worth < bound) break
      for (const one of best.line.features) seen.add(keyOf(best.line, one))
      left -= best.line.size
      kept.push(best.line)
    }
    queue = [...near, ...queue.slice(window)]
  }
  return kept
}

const seed = 20_240_518
const most = 600_000
const candidates: Candidate[] = []
for (const version of versions) {
  const wish = { seed: seed + version, version }
  candidates.push(
    ...(await told(version, 'flow', flowTexts({ ...wish, count: version === 1 ? 4000 : 8000 }), flowOracle)),
    ...(await told(version, 'group', groupTexts({ ...wish, count: 600 }), groupOracle)),
  )
  if (version >= 4) {
    candidates.push(...(await told(version, 'meter', meterTexts({ ...wish, count: 60 }), meterOracle)))
  }
}
const sizeOf = (lines: readonly Line[]): number => lines.reduce((sum, line) => sum + toJson(line).length, 0)
const chosen = [...cover(candidates, { size: most, longest: 550, details: false })]
chosen.push(...cover(candidates, { size: most, longest: 3000, details: false }))
const needed = chosen.length
chosen.push(...cover(candidates, { size: most - sizeOf(chosen) - 500, longest: 700, details: true }))
const order = ({ version, kind }: Line): string => `${version} ${kind}`
chosen.sort((one, other) => order(one).localeCompare(order(other)))
writeFileSync(join(import.meta.dirname, '../vectors/ofctl-texts.jsonl'), chosen.map(toJson).join(''))
const missing = new Set(
  candidates.flatMap((line) => line.features.filter((one) => !seen.has(keyOf(line, one)))),
)
console.log(`${chosen.length} lines, ${needed} of them needed; not in them: ${[...missing].join(', ')}`)
