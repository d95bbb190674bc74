/** A process that commits as fast as it can and prints each acknowledged revision: the tests kill it, or fill its disk. */
import { openLevelStore } from '../../../src/store/level-store.ts'
import { StoreError } from '../../../src/store/store.ts'

const [directory = '', padding = '0'] = process.argv.slice(2)
const store = await openLevelStore(directory)
let revision = (await store.load())?.revision ?? 0
const time = new Date(0).toISOString()
for (;;) {
  const value = { host: `hv${revision + 1}`, nics: [], padding: 'x'.repeat(Number(padding)) }
  const edits = [
    { change: 'add', object: `vms/vm${revision + 1}`, value },
    { change: 'modify', object: 'vms/newest', value },
  ] as const
  try {
    const outcome = await store.commit({ ifRevision: revision, edits, time, by: 'writer', summary: 'write' })
    revision = outcome.revision
    process.stdout.write(`${revision}\n`)
  } catch (error: unknown) {
    if (!(error instanceof StoreError)) throw error
    const readable = (await store.load())?.revision
    process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message, readable })}\n`)
    break
  }
}
