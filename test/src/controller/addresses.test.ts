/** What hosts are told as their controller's address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AddressParts, controllersFor } from '../../../src/controller/addresses.ts'

const at = (host: string, isTls = false) => ({ host, port: 6653, isTls })
const targets = (parts: Partial<AddressParts>) =>
  controllersFor({ listening: [], advertised: [], localAddress: undefined, ...parts }).map(
    ({ target }) => target,
  )

test('a remote host is told the address that it sees, where OpenFlow listens there', () => {
  assert.deepEqual(targets({ listening: [at('0.0.0.0')], localAddress: '10.0.0.9' }), ['tcp:10.0.0.9:6653'])
  assert.deepEqual(targets({ listening: [at('::')], localAddress: '::ffff:10.0.0.9' }), ['tcp:10.0.0.9:6653'])
  assert.deepEqual(targets({ listening: [at('::', true)], localAddress: 'fd00::9' }), ['ssl:[fd00::9]:6653'])
  assert.deepEqual(targets({ listening: [at('127.0.0.1'), at('10.0.0.9')], localAddress: '10.0.0.9' }), [
    'tcp:10.0.0.9:6653',
  ])
})

test('it is told nothing where nothing that listens can be reached', () => {
  assert.deepEqual(targets({ listening: [at('127.0.0.1')], localAddress: '10.0.0.9' }), [])
  assert.deepEqual(targets({ listening: [at('10.0.0.8')], localAddress: '10.0.0.9' }), [])
})

test('what the operator gives goes before what is found', () => {
  const advertised = [{ host: '192.0.2.1', port: 6633 }]
  assert.deepEqual(targets({ listening: [at('0.0.0.0', true)], advertised, localAddress: '10.0.0.9' }), [
    'ssl:192.0.2.1:6633',
  ])
})

test('a database on this machine is told where its switch finds us, unless it knows of a controller', () => {
  const listening = [at('0.0.0.0')]
  assert.deepEqual(controllersFor({ listening, advertised: [], localAddress: undefined }), [
    { target: 'tcp:127.0.0.1:6653', onlyIfNone: true },
  ])
})
