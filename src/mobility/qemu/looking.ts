/** What both ends of a transfer say of themselves, asked in the order that makes the answers fit together. */
import type { QmpEndpoint } from './endpoint.ts'
import { fieldsOf, textIn } from './messages.ts'
import { readMigration } from './progress.ts'
import { QmpError } from './session.ts'
import type { End, Facts } from './verdict.ts'

export interface Ends {
  readonly source: QmpEndpoint
  readonly destination: QmpEndpoint
}

export const runState = async (end: QmpEndpoint): Promise<string> =>
  textIn(fieldsOf(await end.execute('query-status')), 'status') ?? 'unknown'

export const migrationOf = async (end: QmpEndpoint) => readMigration(await end.execute('query-migrate'))

/** The destination first: a guest that runs there by then does not run at the source when that is asked. */
export async function look(ends: Ends): Promise<Pick<Facts, 'source' | 'destination'>> {
  const destination = await lookThere(ends)
  const { source } = ends
  return {
    destination,
    source: await asked(async () => ({ run: await runState(source), migration: await migrationOf(source) })),
  }
}

export const lookThere = ({ destination }: Ends): Promise<Facts['destination']> =>
  asked(async () => ({
    run: await runState(destination),
    migration: (await migrationOf(destination)).status,
  }))

/** A session that ends at the question says nothing of the process: whether another can begin does. */
async function asked<Told>(ask: () => Promise<Told>): Promise<End<Told>> {
  const first = await tried(ask)
  return 'closed' in first ? tried(ask) : first
}

type Tried<Told> = End<Told> & { readonly closed?: true }

async function tried<Told>(ask: () => Promise<Told>): Promise<Tried<Told>> {
  try {
    return { reach: 'up', ...(await ask()) }
  } catch (error) {
    const code = error instanceof QmpError ? error.code : undefined
    if (code === 'absent') return { reach: 'absent' }
    return code === 'closed' ? { reach: 'unknown', closed: true } : { reach: 'unknown' }
  }
}
