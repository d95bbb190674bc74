/** Whole flows: keys, match and actions, with the commands and separators that a flow file may have. */
import { actionsText } from './action-texts.ts'
import { matchTokens } from './match-texts.ts'
import { type Option, Random } from './random.ts'
import { newScene, type Scene } from './scene.ts'
import { numberText } from './values.ts'
import type { FlowCommand } from '../../support/ofctl.ts'

export interface Text<Command> {
  readonly text: string
  /** What the caller asks for; `undefined` when the text may say so itself. */
  readonly command: Command | undefined
  /** Which fields, spellings and actions it has. */
  readonly features: readonly string[]
}

export interface Wish {
  readonly seed: number
  readonly count: number
  /** On the wire: 1 for OpenFlow 1.0 up to 6 for 1.5. */
  readonly version: number
}

interface Writing {
  readonly scene: Scene
  readonly command: FlowCommand
}

const number =
  (name: string, bits: number): Option<Writing>['make'] =>
  ({ scene: { random } }) =>
    `${name}=${numberText(random, random.bits(bits))}`

const adds = ({ command }: Writing): boolean => command === 'add'
const acts = ({ command }: Writing): boolean => !command.startsWith('delete')

const keys: readonly Option<Writing>[] = [
  {
    name: 'key table',
    make: ({ scene }) => {
      scene.table = scene.random.pick([0, 1, 7, 100, 254])
      return `table=${scene.table}`
    },
  },
  {
    name: 'key priority',
    make: number('priority', 16),
    when: ({ command }) => command !== 'delete',
  },
  {
    name: 'key cookie',
    make: number('cookie', 64),
    when: (writing) => adds(writing) || (acts(writing) && writing.scene.version <= 2),
  },
  {
    name: 'key cookie/mask',
    make: ({ scene: { random } }) =>
      `cookie=${numberText(random, random.bits(64))}/${random.pick(['-1', numberText(random, random.bits(64))])}`,
    when: (writing) => !adds(writing),
  },
  { name: 'key idle_timeout', make: number('idle_timeout', 16), when: acts },
  { name: 'key hard_timeout', make: number('hard_timeout', 16), when: acts },
  {
    name: 'key importance',
    make: number('importance', 16),
    when: (writing) => adds(writing) && writing.scene.version >= 5,
  },
  { name: 'key send_flow_rem', make: () => 'send_flow_rem', when: acts },
  { name: 'key check_overlap', make: () => 'check_overlap', when: acts },
  {
    name: 'key reset_counts',
    make: () => 'reset_counts',
    when: (writing) => acts(writing) && writing.scene.version >= 3,
  },
  {
    name: 'key no_packet_counts',
    make: () => 'no_packet_counts',
    when: (writing) => acts(writing) && writing.scene.version >= 4,
  },
  {
    name: 'key no_byte_counts',
    make: () => 'no_byte_counts',
    when: (writing) => acts(writing) && writing.scene.version >= 4,
  },
  {
    name: 'key out_port',
    make: ({ scene: { random } }) =>
      `out_port=${random.pick(['1', 'local', 'CONTROLLER', '65534', 'any', 'in_port'])}`,
    when: (writing) => !acts(writing),
  },
  {
    name: 'key out_group',
    make: ({ scene: { random } }) => `out_group=${random.pick(['1', '16', 'any', 'all', '4294967040'])}`,
    when: (writing) => !acts(writing) && writing.scene.version >= 2,
  },
  {
    name: 'key ignored',
    make: ({ scene: { random } }) =>
      random.pick([
        'duration=1.5s',
        'n_packets=3',
        'n_bytes=42',
        'idle_age=7',
        'hard_age=8',
        'no_readonly_table',
        'allow_hidden_fields',
      ]),
  },
]

const separators = [',', ',', ',', ',', ', ', ' ', '\t', ' , ', ',,']

const keyTokens = (writing: Writing): readonly string[] => {
  const { random } = writing.scene
  const tokens = new Map<string, string>()
  for (let count = random.below(4); count > 0; count--) {
    const key = random.option(writing, keys)
    tokens.set(key.split('=')[0] ?? '', key)
  }
  return [...tokens.values()]
}

/** One flow for the command. In a file it may say its command itself. */
const flowText = (scene: Scene, command: FlowCommand, inFile: boolean): string => {
  const { random } = scene
  const writing = { scene, command }
  const front = keyTokens(writing)
  const tokens = random.chance(0.8) ? [...front, ...matchTokens(scene)] : [...matchTokens(scene), ...front]
  const separator = random.pick(separators)
  const actions = command.startsWith('delete') ? '' : actionsText(scene)
  const equals = random.pick(['actions=', 'actions=', 'actions=', 'action=', 'actions= '])
  const body = [...tokens, ...(command.startsWith('delete') ? [] : [`${equals}${actions}`])].join(separator)
  if (body === '' && !inFile) return 'out_port=any'
  if (!inFile || (command === 'add' && random.chance(0.9))) return random.chance(0.05) ? ` ${body} ` : body
  random.name(`word ${command}`)
  return `${command}${random.pick([' ', ',', '\t'])}${body}`
}

const commands: readonly FlowCommand[] = [
  'add',
  'add',
  'add',
  'add',
  'add',
  'add',
  'modify',
  'modify_strict',
  'delete',
  'delete_strict',
]

/** Flows that ovs-ofctl 3.1 takes in that version; a fifth have a command of the caller's. */
export const flowTexts = ({ seed, count, version }: Wish): readonly Text<FlowCommand>[] => {
  const random = new Random(seed)
  return Array.from({ length: count }, () => {
    const command = random.pick(commands)
    const inFile = command === 'add' || random.chance(0.5)
    if (!inFile) random.name(`command ${command}`)
    const text = flowText(newScene(random, version), command, inFile)
    return { text, command: inFile ? undefined : command, features: random.takeNames() }
  })
}
