/** Texts that the real ovs-ofctl made messages of: ours are the same bytes, but for what ovs-ofctl loses or gets wrong. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { encode, EncodeError, parseFlow, parseGroup, parseMeter } from 'ts-openflow'
import { knownDifference, parseAny, type OfctlText } from '../support/ofctl-texts.ts'
import { type BadText, refusedTexts } from './corpus/refused-texts.ts'

const lines = readFileSync(new URL('../vectors/ofctl-texts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const texts = lines.map((line) => JSON.parse(line) as OfctlText)

/** Without the xid, which ovs-ofctl counts up. */
const withoutXid = (hex: string): string => hex.slice(0, 8) + hex.slice(16)

for (const kind of ['flow', 'group', 'meter'] as const) {
  test(`${kind}s: the bytes are ovs-ofctl's`, (context) => {
    const of = texts.filter((one) => one.kind === kind)
    let [same, different] = [0, 0]
    for (const text of of) {
      if (knownDifference(text) !== undefined) {
        different++
        continue
      }
      const hex = Buffer.from(encode(parseAny(text, 1))).toString('hex')
      assert.equal(withoutXid(hex), withoutXid(text.hex), `${text.version} ${text.command} ${text.text}`)
      same++
    }
    context.diagnostic(`${same} the same, ${different} where ovs-ofctl loses or mistakes something`)
    assert.ok(same > of.length / 2, `${same} of ${of.length}`)
  })
}

test('what a version cannot carry is refused, not dropped', () => {
  const refused = (run: () => unknown, path: string): void =>
    assert.throws(
      run,
      (error) => error instanceof EncodeError && error.code === 'VERSION' && error.path === path,
    )
  const flow = (text: string, version: number): Uint8Array =>
    encode({ ...parseFlow(text, { version }), version, xid: 1 })
  refused(() => flow('importance=5,actions=drop', 4), 'flow_mod.importance')
  refused(() => flow('ip,ip_ecn=1,actions=drop', 2), 'flow_mod.match.ip_ecn')
  refused(() => flow('actions=write_actions(output:1)', 1), 'flow_mod.instructions[0]')
  const group = 'group_id=1,type=select,selection_method=hash,bucket=output:1'
  refused(() => encode({ ...parseGroup(group), version: 4, xid: 1 }), 'group_mod.properties')
})

const wrong: readonly (readonly [text: string, at: number])[] = [
  ['', 0],
  ['priority=5', 10],
  ['priority=65536,actions=drop', 9],
  ['ip,nw_src=10.0.0.256,actions=drop', 10],
  ['ip,nw_src=10.0.0.0/33,actions=drop', 19],
  ['dl_dst=00:11:22:33:44,actions=drop', 7],
  ['tcp,tp_dst=x,actions=drop', 11],
  ['nosuch=1,actions=drop', 0],
  ['actions=nosuch:1', 8],
  ['actions=output:1,drop', 17],
  ['actions=set_field:1->nosuch', 21],
  ['actions=set_field:1', 18],
  ['actions=load:5->NXM_NX_REG0[0..1]', 13],
  ['actions=move:NXM_NX_REG0[0..7]->NXM_NX_REG1[0..8]', 13],
  ['actions=ct(zone=1,nosuch)', 18],
  ['actions=ct(nat(src=10.0.0.9-10.0.0.1))', 28],
  ['actions=learn(nosuch=1)', 14],
  ['actions=conjunction(1,3/2)', 20],
  ['actions=controller(reason=nosuch)', 26],
  ['cookie=1/1,actions=drop', 7],
  ['in_port=99999,actions=drop', 8],
  ['ct_state=+nosuch,actions=drop', 9],
  ['dl_src,actions=drop', 6],
  ['table=0x1,actions=drop', 6],
  ['table=3,actions=goto_table:2', 27],
  ['actions=output:any', 15],
  ['actions=mod_nw_src:1.2.3.4', 8],
  ['actions=set_field:1.2.3.4->nw_dst', 27],
  ['ip,actions=ct(commit,exec(load:1->reg0))', 34],
  ['ip,actions=clone(load:1->ct_mark)', 25],
  ['ipv6,actions=ct(commit,nat(src=1.2.3.4))', 31],
  ['actions=2,meter:1', 10],
  ['actions=learn(eth_type=0x800,tcp_dst=80)', 29],
  ['actions=push_vlan:0x8100,push_vlan:0x8100,push_vlan:0x8100', 52],
  ['actions=conjunction(1,1/2),2', 27],
  [`actions=${'clone('.repeat(100)}1`, 608],
]

for (const [text, at] of wrong) {
  test(`refused at ${at}: "${text}"`, () => {
    assert.throws(
      () => parseFlow(text, { command: 'add' }),
      (error) => {
        assert.ok(error instanceof EncodeError, String(error))
        assert.deepEqual([error.code, error.at], ['SYNTAX', at], error.message)
        return true
      },
    )
  })
}

test('groups and meters say what is wrong and where', () => {
  const at = (run: () => unknown): number | undefined => {
    try {
      run()
      return undefined
    } catch (error) {
      assert.ok(error instanceof EncodeError)
      return error.at
    }
  }
  assert.equal(
    at(() => parseGroup('group_id=1,type=nosuch,bucket=output:1')),
    16,
  )
  assert.equal(
    at(() => parseGroup('group_id=1,type=all,bucket=nosuch:1')),
    27,
  )
  assert.equal(
    at(() => parseMeter('meter=1,kbps,bands=type=nosuch,rate=1')),
    24,
  )
  assert.equal(
    at(() => parseMeter('meter=0,kbps,bands=type=drop,rate=1')),
    6,
  )
})

/** The texts say what is wrong with them; ours must be one of the two errors that are a refusal. */
function isRefused({ kind, text, command }: BadText, version: number): boolean {
  try {
    encode(parseAny({ version, kind, text, command: command ?? null }, 1))
    return false
  } catch (error) {
    assert.ok(error instanceof EncodeError, `version ${version}: ${text}`)
    return true
  }
}

test('what ovs-ofctl refuses is refused in every version', () => {
  assert.ok(refusedTexts.length > 400)
  for (const bad of refusedTexts) {
    for (let version = bad.firstVersion; version <= bad.lastVersion; version++)
      assert.ok(isRefused(bad, version), `version ${version} ${bad.kind}: ${bad.text} (${bad.why})`)
  }
})
