/** Prints the tables of what ts-openflow speaks as Markdown, from the definitions that read and write it: TABLES.md. */
import { actionVariants } from './actions/actions.ts'
import { instructionVariants } from './actions/instructions.ts'
import { bandVariants } from './common/meter.ts'
import { fieldTable, type FieldRow, type Form } from './fields/table.ts'
import * as v10 from './v10/messages.ts'
import * as v11 from './v11/messages.ts'
import * as v12 from './v12/messages.ts'
import * as v13 from './v13/messages.ts'
import * as v14 from './v14/messages.ts'
import * as v15 from './v15/messages.ts'

/** A definition's number on the wire, and the versions that have it. */
interface Numbered {
  readonly name: string
  readonly code: number
  readonly experimenter?: number
  readonly subtype?: number
  readonly since?: number
  readonly until?: number
}

const versions = ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5'] as const

const experimenters: ReadonlyMap<number, string> = new Map([
  [0x2320, 'NX'],
  [0x4f4e_4600, 'ONF'],
  [0x005a_d650, 'NSH'],
  [0x0000_154d, 'NTR'],
  [0x0000_aa01, 'Intel'],
])

function vendor(experimenter: number): string {
  const name = experimenters.get(experimenter)
  if (name === undefined)
    throw new Error(`the tables have no name for experimenter ${experimenter.toString(16)}`)
  return name
}

const numberOf = ({ code, experimenter, subtype }: Numbered): string =>
  experimenter === undefined ? String(code) : `${vendor(experimenter)} ${subtype ?? 0}`

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** One line for each name in the order of first appearance, one column for each version. */
function table(title: string, perVersion: readonly (readonly Numbered[])[]): readonly string[] {
  const names = [...new Set(perVersion.flat().map(({ name }) => name))]
  return [
    row([title, ...versions]),
    row(['---', ...versions.map(() => '---')]),
    ...names.map((name) =>
      row([
        `\`${name}\``,
        ...perVersion.map((definitions) => {
          const numbers = definitions.filter((one) => one.name === name).map(numberOf)
          return [...new Set(numbers)].join(', ')
        }),
      ]),
    ),
  ]
}

/** A union's elements, of which each says by itself which versions have it. */
const byVersion = (variants: readonly Numbered[], first: number): readonly (readonly Numbered[])[] =>
  versions.map((_, index) =>
    variants.filter(
      ({ since = first, until = 6 }) => Math.max(since, first) <= index + 1 && index + 1 <= until,
    ),
  )

const dialects: readonly Record<'requestParts' | 'replyParts', readonly Numbered[]>[] = [
  v10,
  v11,
  v12,
  v13,
  v14,
  v15,
]
const messages: readonly (readonly Numbered[])[] = [
  v10.messages10,
  v11.messages11,
  v12.messages12,
  v13.messages13,
  v14.messages14,
  v15.messages15,
]

const classes: ReadonlyMap<number, string> = new Map([
  [0x0000, 'NXM_OF'],
  [0x0001, 'NXM_NX'],
  [0x1000, 'ERICOXM_OF'],
  [0x8000, 'OXM_OF'],
  [0x8001, 'OXM_PKT_REG'],
])

function formText({ oxmClass, oxmField, experimenter, since }: Form): string {
  const space = experimenter === undefined ? classes.get(oxmClass) : `${vendor(experimenter)} experimenter`
  if (space === undefined) throw new Error(`the tables have no name for class ${oxmClass.toString(16)}`)
  return `${space} ${oxmField}${since > 1 && since <= 6 ? ` (${versions[since - 1] ?? ''})` : ''}`
}

function widthText({ width, variable, bits }: FieldRow): string {
  if (variable) return `up to ${width * 8}`
  return String(bits ?? width * 8)
}

const fieldRows = (): readonly string[] => [
  row(['Field', 'Bits', 'Mask', 'Numbers']),
  row(['---', '---', '---', '---']),
  ...fieldTable.map((one: FieldRow) =>
    row([
      `\`${one.name}\``,
      widthText(one),
      one.mask === 'any' ? 'yes' : '',
      one.forms.map(formText).join(', '),
    ]),
  ),
]

const introduction = `# What ts-openflow speaks

Made from the definitions that read and write it. A number is the type on the wire; \`NX\`, \`ONF\` and the others are
experimenters with a number of their own. An empty cell: the version has no such thing, and \`encode\` refuses it with an
\`EncodeError\` that names the version. What is not in a table reads as \`unknown\` or \`experimenter\` with its bytes, and
is written back the same.`

function tables(): string {
  return [
    introduction,
    '## Messages',
    table('`type`', messages).join('\n'),
    '## Multipart requests',
    'The `type` of `body` in a `multipart_request`; statistics requests in 1.0.',
    table(
      '`body.type`',
      dialects.map(({ requestParts }) => requestParts),
    ).join('\n'),
    '## Multipart replies',
    table(
      '`body.type`',
      dialects.map(({ replyParts }) => replyParts),
    ).join('\n'),
    '## Actions',
    table('`type`', byVersion(actionVariants, 1)).join('\n'),
    '## Instructions',
    '1.0 has actions only.',
    table('`type`', byVersion(instructionVariants, 2)).join('\n'),
    '## Meter bands',
    table('`type`', byVersion(bandVariants, 4)).join('\n'),
    '## Match fields',
    'The numbers from old to new; in brackets the version that brought one. Matches of 1.0 and 1.1 have a fixed form with\n' +
      'few fields; `nx_flow_mod` of 1.0 has them all.',
    fieldRows().join('\n'),
    '',
  ].join('\n\n')
}

process.stdout.write(tables())
