/** The generator says the same for the same seed and meets every option; the checked-in sample has every field and action. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { family, fields } from './fields.ts'
import { flowTexts } from './flow-texts.ts'
import { groupTexts } from './group-texts.ts'
import { meterTexts } from './meter-texts.ts'

interface Line {
  readonly version: number
  readonly kind: string
  readonly text: string
}

const sample = readFileSync(join(import.meta.dirname, '../../vectors/ofctl-texts.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)

const matchNames = (version: number): ReadonlySet<string> =>
  new Set(
    fields
      .filter(({ in11 }) => version !== 2 || in11 !== 'no')
      .flatMap(({ names }) => names)
      .map(family),
  )

const words = (text: string): readonly string[] => text.match(/[a-z_][a-z_0-9]*/gi) ?? []

const actionNames =
  'output group controller enqueue bundle bundle_load set_vlan_vid mod_vlan_vid set_vlan_pcp mod_vlan_pcp strip_vlan pop_vlan mod_dl_src mod_dl_dst mod_nw_src mod_nw_dst mod_nw_tos mod_nw_ecn mod_nw_ttl set_nw_ttl mod_tp_src mod_tp_dst dec_ttl set_mpls_label set_mpls_tc set_mpls_ttl dec_mpls_ttl push_mpls pop_mpls set_field load move push pop delete_field check_pkt_larger set_tunnel set_tunnel64 set_queue pop_queue fin_timeout resubmit learn conjunction multipath note exit sample ct ct_clear nat clone write_metadata'.split(
    ' ',
  )
const laterNames: Readonly<Record<number, readonly string[]>> = {
  2: ['push_vlan', 'clear_actions', 'write_actions', 'goto_table'],
  4: ['meter', 'encap', 'decap', 'dec_nsh_ttl'],
}

for (const version of [1, 2, 3, 4, 5, 6]) {
  const flows = sample.filter((line) => line.version === version && line.kind === 'flow')

  test(`wire version ${version}: the sample has every field by every name`, () => {
    const matches = flows.map(({ text }) => text.replace(/action.*/s, ''))
    const found = new Set(matches.flatMap(words).map(family))
    assert.deepEqual(
      [...matchNames(version)].filter((name) => !found.has(name)),
      [],
    )
  })

  test(`wire version ${version}: the sample has every action`, () => {
    const found = new Set(flows.flatMap(({ text }) => words(/action.*/s.exec(text)?.[0] ?? '')))
    const wanted = [
      ...actionNames,
      ...[2, 4].flatMap((first) => (version >= first ? (laterNames[first] ?? []) : [])),
    ]
    assert.deepEqual(
      wanted.filter((name) => !found.has(name)),
      [],
    )
  })

  test(`wire version ${version}: a seed says all`, () => {
    const wish = { seed: 7, version, count: 100 }
    for (const make of [flowTexts, groupTexts, meterTexts]) {
      assert.deepEqual(make(wish), make(wish))
      assert.notDeepEqual(make(wish), make({ ...wish, seed: 8 }))
    }
  })
}
