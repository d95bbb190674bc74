/** What the compiler emits for the example topologies, in the operator's language. UPDATE=1 in the environment renews it. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import { declaredWorld } from '../../../src/compiler/declared-world.ts'
import { parseTopology } from '../../../src/model/yaml.ts'
import { flowText } from '../../../src/pipeline/flow-text.ts'
import { tableIdOf } from '../../../src/pipeline/tables.ts'

const topologies = join(import.meta.dirname, '../../../topologies')

for (const name of ['one-switch', 'two-hosts']) {
  test(`${name}: every rule as written down`, async () => {
    const parsed = parseTopology(await readFile(join(topologies, `${name}.yaml`), 'utf8'))
    assert.ok(!('problems' in parsed))
    const program = compile(parsed.intent, declaredWorld(parsed.intent))
    const lines = [...program.switches.values()].flatMap((one) => [
      `# ${one.datapathId}`,
      ...rulesOf(one)
        .map((rule) => ({ ...rule, line: `${rule.owner}: ${flowText(rule)}` }))
        .toSorted(
          (a, b) =>
            tableIdOf(a.table) - tableIdOf(b.table) || b.priority - a.priority || (a.line < b.line ? -1 : 1),
        )
        .map(({ line }) => line),
      '',
    ])
    const path = join(import.meta.dirname, 'golden', `${name}.flows`)
    if (process.env['UPDATE'] === '1') await writeFile(path, lines.join('\n'))
    assert.deepEqual(lines, (await readFile(path, 'utf8')).split('\n'))
    assert.deepEqual(program.obstacles, [])
  })
}
