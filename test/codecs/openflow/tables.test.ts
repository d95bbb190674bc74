/** TABLES.md says what the definitions say. UPDATE=1 in the environment renews it. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { tables } from './support/tables.ts'

test('the tables of messages, fields and actions are those of the code', async () => {
  const path = join(import.meta.dirname, '../../../codecs/openflow/TABLES.md')
  if (process.env['UPDATE'] === '1') await writeFile(path, tables())
  assert.equal(await readFile(path, 'utf8'), tables())
})
