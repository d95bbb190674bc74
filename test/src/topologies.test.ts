import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { formatProblems } from '../../src/model/format-problems.ts'
import { schemaJson } from '../../src/model/schema.ts'
import { parseTopology } from '../../src/model/yaml.ts'

const directory = join(import.meta.dirname, '../../topologies')
const files = (await readdir(directory)).filter((name) => name.endsWith('.yaml'))

test('the published schema is the one that the code has', async () => {
  // To renew it: UPDATE=1 in the environment of this test.
  const path = join(directory, 'schema.json')
  if (process.env['UPDATE'] === '1') await writeFile(path, schemaJson())
  assert.equal(await readFile(path, 'utf8'), schemaJson())
})

test('there are at least five examples', () => {
  assert.ok(files.length >= 5, files.join(' '))
})

for (const name of files) {
  test(`${name} is valid, by the code and by the published schema`, async () => {
    const text = await readFile(join(directory, name), 'utf8')
    const result = parseTopology(text)
    assert.ok(
      !('problems' in result),
      'problems' in result ? formatProblems(result.problems, { fileName: name, text }) : '',
    )
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(schemaJson()) as object)
    assert.ok(validate(parse(text)), JSON.stringify(validate.errors))
    assert.match(text, /^# yaml-language-server: \$schema=\.\/schema\.json\n/)
    const { intent } = result
    assert.equal(`${intent.name}.yaml`, name)
    assert.ok(intent.description !== undefined && intent.description.length > 0)
    assert.ok([...intent.networks.values()].some(({ kind }) => kind === 'internal'))
    for (const vm of intent.vms.values()) {
      for (const nic of vm.nics)
        assert.deepEqual([...new Set(nic.addresses.map(({ family }) => family))].sort(), [4, 6], nic.id)
    }
  })
}
