/** Whether a transfer can begin: both ends answer, and are as they must be. Nothing is changed. */
import { uriProblem } from './address.ts'
import { type Ends, migrationOf, runState } from './looking.ts'
import { fieldsOf } from './messages.ts'

const idle = ['none', 'completed', 'failed', 'cancelled']

/** Rejects with what is wrong and what to do. */
export async function check(ends: Ends, uri: string): Promise<void> {
  const { source, destination } = ends
  const problem = uriProblem(uri)
  if (problem !== undefined) throw new Error(`the guest cannot be sent there: ${problem}`)
  if (source.address === destination.address)
    throw new Error(`source and destination are the same QEMU, at ${source.address}`)
  await checkSource(ends)
  await checkDestination(ends)
}

async function checkSource({ source }: Ends): Promise<void> {
  const run = await runState(source)
  if (run === 'inmigrate')
    throw new Error(
      `the source, QEMU at ${source.address}, waits for a guest itself: are both ends exchanged?`,
    )
  if (run !== 'running')
    throw new Error(`the guest does not run at its source (${run}): start it, or move it while it is stopped`)
  const { status } = await migrationOf(source)
  if (!idle.includes(status))
    throw new Error(`the source sends its guest already (${status}): wait, or cancel that`)
  const blocked = fieldsOf(await source.execute('query-migrate'))['blocked-reasons']
  if (Array.isArray(blocked) && blocked.length > 0)
    throw new Error(`the source cannot send its guest: ${blocked.slice(0, 3).map(String).join('; ')}`)
}

async function checkDestination({ destination }: Ends): Promise<void> {
  const run = await runState(destination)
  if (run !== 'inmigrate')
    throw new Error(
      `the destination, QEMU at ${destination.address}, does not wait for a guest (${run}): start it with -incoming`,
    )
}
