/** Lines of tables: how full they are, what happens when they fill up. */
import { allTables } from '../../common/names.ts'
import { flagWords } from './words.ts'

interface Property {
  readonly type: string
  readonly flags?: readonly string[]
  readonly vacancyDown?: number
  readonly vacancyUp?: number
  readonly vacancy?: number
}

interface Table {
  readonly tableId: number
  readonly config: readonly string[]
  readonly properties?: readonly Property[]
}

const find = (properties: readonly Property[], type: string): Property | undefined =>
  properties.find((one) => one.type === type)

function evictionFlags(properties: readonly Property[]): string {
  const flags = find(properties, 'eviction')?.flags
  if (flags === undefined) return '(default)'
  return flagWords(flags, { separator: '|', upper: true })
}

function vacancyText({ config, properties = [] }: Table): string {
  if (!config.includes('vacancy_events')) return 'off'
  const { vacancyDown = 0, vacancyUp = 0, vacancy = 0 } = find(properties, 'vacancy') ?? {}
  return `on vacancy_down=${vacancyDown}% vacancy_up=${vacancyUp}% vacancy=${vacancy}%`
}

function tableText(one: Table): string {
  const eviction = one.config.includes('eviction') ? 'on' : 'off'
  return [
    `  table ${one.tableId}:`,
    `   eviction=${eviction} eviction_flags=${evictionFlags(one.properties ?? [])}`,
    `   vacancy=${vacancyText(one)}`,
  ].join('\n')
}

export const tableDescriptions = ({ entries }: { readonly entries: readonly Table[] }): string =>
  entries.map((one) => `\n${tableText(one)}`).join('\n')

const statusWords: Readonly<Record<string, string>> = {
  vacancy_down: 'VACANCY_DOWN',
  vacancy_up: 'VACANCY_UP',
}

export const tableStatus = ({
  reason,
  table,
}: {
  readonly reason: string | number
  readonly table: Table
}): string => ` reason=${statusWords[reason] ?? reason}\ntable_desc:-\n${tableText(table)}`

const missWords: Readonly<Record<string, string>> = {
  table_miss_continue: 'continue',
  table_miss_drop: 'drop',
}

export function tableMod({
  tableId,
  config,
  properties = [],
  version,
}: Table & { readonly version: number }): string {
  const table = tableId === allTables ? 'table_id: ALL_TABLES' : `table_id=${tableId}`
  const miss = config.map((flag) => missWords[flag]).find((word) => word !== undefined)
  if (version < 4) return ` ${table}, flow_miss_config=${miss ?? 'controller'}`
  if (version < 5) return ` ${table}`
  const vacancy = find(properties, 'vacancy')
  const flags = find(properties, 'eviction')?.flags
  const parts = [
    `eviction=${config.includes('eviction') ? 'on' : 'off'}`,
    ...(flags === undefined ? [] : [`eviction_flags=${flagWords(flags, { separator: '|', upper: true })}`]),
    `vacancy=${config.includes('vacancy_events') ? 'on' : 'off'}` +
      (config.includes('vacancy_events') && vacancy !== undefined
        ? ` vacancy:${vacancy.vacancyDown},${vacancy.vacancyUp}`
        : ''),
  ]
  return ` ${table}, ${parts.join(', ')}`
}

interface Counters {
  readonly tableId: number
  readonly activeCount: number
  readonly lookupCount: bigint
  readonly matchedCount: bigint
}

const countersText = ({ activeCount, lookupCount, matchedCount }: Counters): string =>
  `active=${activeCount}, lookup=${lookupCount}, matched=${matchedCount}`

/** Tables that are as the one before them are told together. */
export function tableStats({ entries }: { readonly entries: readonly Counters[] }): string {
  const blocks: string[] = []
  for (let index = 0; index < entries.length; ) {
    const one = entries[index] as Counters
    const text = countersText(one)
    blocks.push(`\n  table ${one.tableId}:\n    ${text}`)
    let end = index + 1
    while (end < entries.length && countersText(entries[end] as Counters) === text) end++
    const same = entries.slice(index + 1, end)
    const [first, last] = [same[0]?.tableId, same.at(-1)?.tableId]
    if (first !== undefined)
      blocks.push(first === last ? `\n  table ${first}: ditto` : `\n  tables ${first}...${last}: ditto`)
    index = end
  }
  return blocks.join('\n')
}
