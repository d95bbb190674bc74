/** Plain tables for terminals and pipes: aligned columns, no lines, nothing that a remote name could smuggle in. */
export interface TableColumn {
  readonly title: string
  /** Cells are state words, shown in colour. */
  readonly state?: boolean
  /** Right-aligned. */
  readonly number?: boolean
}

export interface Table {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly string[])[]
}

/** Lines end in a newline; the last column is not padded. */
export function renderTable({ columns, rows }: Table, colour: boolean): string {
  const cells = rows.map((row) => columns.map((_, i) => printable(row[i] ?? '')))
  const widths = columns.map(({ title }, i) =>
    cells.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length),
  )
  const line = (texts: readonly string[], paint: (text: string, column: TableColumn) => string): string => {
    const padded = columns.map((column, i) => {
      const text = texts[i] ?? ''
      const width = widths[i] ?? 0
      const blank = ' '.repeat(width - text.length)
      if (column.number === true) return blank + paint(text, column)
      return paint(text, column) + (i === columns.length - 1 ? '' : blank)
    })
    return `${padded.join('  ').trimEnd()}\n`
  }
  const head = line(
    columns.map(({ title }) => title),
    (text) => (colour ? paint('bold', text) : text),
  )
  const paintCell = (text: string, column: TableColumn): string =>
    colour && column.state === true ? paint(stateColour(text), text) : text
  return head + cells.map((row) => line(row, paintCell)).join('')
}

/** SGR codes that begin and end each style. Not util.styleText: some versions of it look at the process's own streams. */
const styles = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const

function paint(style: keyof typeof styles, text: string): string {
  const [begin, end] = styles[style]
  return `\u001b[${begin}m${text}\u001b[${end}m`
}

const good: ReadonlySet<string> = new Set(['converged', 'active', 'up', 'as-declared', 'confirmed'])
const waiting: ReadonlySet<string> = new Set(['converging', 'pending', 'remembered', 'silent', 'observed'])

function stateColour(state: string): 'green' | 'yellow' | 'red' {
  if (good.has(state)) return 'green'
  return waiting.has(state) ? 'yellow' : 'red'
}

/** Replaces control characters: port names and descriptions come from switches, and a terminal obeys escape sequences. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}
