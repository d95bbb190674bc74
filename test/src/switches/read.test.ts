import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Connection, type ErrorMessage, SwitchError } from 'ts-openflow'
import { readMeters } from '../../../src/switches/read.ts'

/** A session in which every request ends with this error. */
function failing(error: Error): Connection {
  return { request: () => Promise.reject(error) } as unknown as Connection
}

const refusal: ErrorMessage = {
  type: 'error',
  version: 4,
  xid: 1,
  errorType: 'OFPET_BAD_REQUEST',
  code: 'OFPBRC_BAD_MULTIPART',
  data: new Uint8Array(),
}

test('a switch that refuses the question has no meters; a session that ends is no answer', async () => {
  assert.deepEqual(await readMeters(failing(new SwitchError(refusal, refusal)), 100), [])
  await assert.rejects(readMeters(failing(new Error('session closed')), 100), /session closed/)
})
