/** TABLES.md says what the definitions say. UPDATE=1 in the environment renews it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

const source = join(import.meta.dirname, '../../../codecs/openflow')

test('the tables of messages, fields and actions are those of the code', async () => {
  const tables = execFileSync(process.execPath, ['--import', 'tsx', join(source, 'tables.ts')], {
    encoding: 'utf8',
  })
  const path = join(source, 'TABLES.md')
  if (process.env['UPDATE'] === '1') await writeFile(path, tables)
  assert.equal(await readFile(path, 'utf8'), tables)
})
