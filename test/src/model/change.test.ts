import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { buildIntent, changeIntent } from '../../../src/model/build.ts'
import {
  type Changed,
  type Declaration,
  emptyDeclaration,
  type IntentChange,
  type Refusal,
} from '../../../src/model/declaration.ts'
import { specEdits, specFromObjects } from '../../../src/model/edits.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { arbitrary, built, names, small } from './fixture.ts'

function changed(result: Changed | Refusal): Changed {
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

test('putting one VM leaves everything else the very same', () => {
  const before = built(small)
  const spec = { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:09', ips: ['10.0.1.19'] }] }
  const after = changed(changeIntent(before, { kind: 'put', resource: 'vms', name: 'web10', spec }))
  assert.deepEqual(after.edits, [{ change: 'add', object: 'vms/web10', value: spec }])
  assert.deepEqual([...after.intent.vms.keys()], ['web1', 'web10', 'web2'])
  assert.equal(after.intent.vms.get('web1'), before.intent.vms.get('web1'))
  for (const part of ['sites', 'switches', 'segments', 'cables', 'networks'] as const) {
    assert.equal(after.intent[part], before.intent[part])
  }
  assert.equal(after.spec.vms?.['web1'], before.spec.vms?.['web1'])
  assert.equal(after.spec.networks, before.spec.networks)
  assert.equal(before.intent.vms.size, 2)
})

test('a put that changes nothing gives back the same declaration', () => {
  const before = built(small)
  const after = changed(
    changeIntent(before, {
      kind: 'put',
      resource: 'vms',
      name: 'web1',
      spec: structuredClone(small.vms.web1),
    }),
  )
  assert.equal(after.intent, before.intent)
  assert.equal(after.spec, before.spec)
  assert.deepEqual(after.edits, [])
})

test('a spec written differently is an edit, but its entity stays the same', () => {
  const before = built(small)
  const spec = {
    host: 'hv2',
    nics: [{ network: 'blue', mac: '02-00-00-00-01-02', ips: ['10.0.1.12'], port: 'web2-0' }],
  }
  const after = changed(changeIntent(before, { kind: 'put', resource: 'vms', name: 'web2', spec }))
  assert.deepEqual(
    after.edits.map(({ change }) => change),
    ['modify'],
  )
  assert.equal(after.intent.vms.get('web2'), before.intent.vms.get('web2'))
})

test('replacing the document keeps what is equal', () => {
  const before = built(small)
  const next = structuredClone(small) as IntentSpec & { vms: Record<string, unknown> }
  next.vms['web2'] = { host: 'hv1', nics: small.vms.web2.nics }
  const after = changed(changeIntent(before, { kind: 'replace', spec: next }))
  assert.deepEqual(
    after.edits.map(({ change, object }) => [change, object]),
    [['modify', 'vms/web2']],
  )
  assert.equal(after.intent.vms.get('web1'), before.intent.vms.get('web1'))
  assert.equal(after.intent.networks, before.intent.networks)
  assert.equal(after.intent.cables, before.intent.cables)
  assert.equal(after.spec.networks, before.spec.networks)
  assert.equal(after.spec.links, before.spec.links)
  assert.equal(after.spec.vms?.['web1'], before.spec.vms?.['web1'])
  const same = changed(changeIntent(after, { kind: 'replace', spec: structuredClone(after.spec) }))
  assert.equal(same.intent, after.intent)
})

test('a swap of ports between VMs and uplinks is no clash', () => {
  const before = built(small)
  const next = structuredClone(small) as unknown as {
    switches: { hv1: { uplinks: unknown } }
    vms: { web1: { nics: { port?: string }[] } }
  }
  next.switches.hv1.uplinks = ['eth0', { port: 'lab-port', segment: 'lan' }]
  const nic = next.vms.web1.nics[1]
  assert.ok(nic)
  nic.port = 'eth1'
  changed(changeIntent(before, { kind: 'replace', spec: next as unknown as IntentSpec }))
})

test('what something else needs cannot be deleted or bent', () => {
  const before = built(small)
  const refused = (change: IntentChange) => {
    const result = changeIntent(before, change)
    assert.ok('problems' in result)
    return result.problems.map(({ pointer }) => pointer)
  }
  assert.deepEqual(refused({ kind: 'delete', resource: 'networks', name: 'lab' }), [
    '/vms/web1/nics/1/network',
  ])
  assert.deepEqual(refused({ kind: 'delete', resource: 'switches', name: 'spine1' }), [
    '/links/0/1',
    '/links/1/1',
  ])
  const uncabled = { ...small.switches.hv1, uplinks: ['eth1'] }
  assert.deepEqual(refused({ kind: 'put', resource: 'switches', name: 'hv1', spec: uncabled }), [
    '/links/0/0',
  ])
  const moved = { ...small.networks.blue, subnets: ['10.9.0.0/24'] }
  assert.deepEqual(refused({ kind: 'put', resource: 'networks', name: 'blue', spec: moved }), [
    '/vms/web1/nics/0/ips/0',
    '/vms/web1/nics/0/ips/1',
    '/vms/web2/nics/0/ips/0',
  ])
})

test('a network comes to span switches, or loses an uplink, by a change elsewhere', () => {
  const { hv1 } = small.switches
  const lonely = { datapath: '0x9', role: 'hypervisor' } as const
  const before = built({ ...small, links: [], switches: { ...small.switches, hv1, lonely } })
  const vm = { host: 'lonely', nics: [{ network: 'blue', mac: '02:00:00:00:01:09' }] }
  const spanning = changeIntent(before, { kind: 'put', resource: 'vms', name: 'web3', spec: vm })
  assert.ok('problems' in spanning)
  assert.deepEqual(
    spanning.problems.map(({ pointer }) => pointer),
    ['/switches/lonely'],
  )
  const cut = changeIntent(before, {
    kind: 'put',
    resource: 'switches',
    name: 'hv2',
    spec: { ...small.switches.hv2, uplinks: [] },
  })
  assert.ok('problems' in cut)
  assert.deepEqual(
    cut.problems.map(({ pointer }) => pointer),
    ['/switches/hv2'],
  )
  const gone = changed(changeIntent(before, { kind: 'delete', resource: 'vms', name: 'web2' }))
  changed(
    changeIntent(gone, {
      kind: 'put',
      resource: 'switches',
      name: 'hv2',
      spec: { ...small.switches.hv2, uplinks: [] },
    }),
  )
})

test('deleting what is not there is absent, also for names every object inherits', () => {
  const before = built(small)
  for (const name of ['web9', 'constructor', '__proto__']) {
    const result = changeIntent(before, { kind: 'delete', resource: 'vms', name })
    assert.ok('problems' in result && result.absent)
  }
})

test('a bad name or spec is refused with a pointer into the whole document', () => {
  const result = changeIntent(emptyDeclaration, {
    kind: 'put',
    resource: 'vms',
    name: 'Web 1',
    spec: { host: 'hv1', nics: [{ network: 'blue', mac: 5 }] } as never,
  })
  assert.ok('problems' in result)
  assert.deepEqual(
    result.problems.map(({ pointer }) => pointer),
    ['/vms/Web 1', '/vms/Web 1/nics/0/mac'],
  )
})

const oneChange: fc.Arbitrary<IntentChange> = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    resource: fc.constant('switches' as const),
    name: fc.constantFrom(...names.switches),
    spec: arbitrary.switches,
  }),
  fc.record({
    kind: fc.constant('put' as const),
    resource: fc.constant('networks' as const),
    name: fc.constantFrom(...names.networks),
    spec: arbitrary.networks,
  }),
  fc.record({
    kind: fc.constant('put' as const),
    resource: fc.constant('vms' as const),
    name: fc.constantFrom(...names.vms),
    spec: arbitrary.vms,
  }),
  fc.record({
    kind: fc.constant('put' as const),
    resource: fc.constant('vms' as const),
    name: fc.constantFrom(...names.vms),
    spec: arbitrary.vms,
  }),
  fc
    .constantFrom(...(['switches', 'networks', 'vms'] as const))
    .chain((resource) =>
      fc.constantFrom(...names[resource]).map((name) => ({ kind: 'delete' as const, resource, name })),
    ),
)

/** The spec that a change asks for, made without any of the code under test. */
function asked(spec: IntentSpec, change: IntentChange): IntentSpec {
  if (change.kind === 'replace') return change.spec
  assert.ok(change.kind !== 'move')
  const entries: Record<string, unknown> = { ...spec[change.resource] }
  if (change.kind === 'put') entries[change.name] = change.spec
  else Reflect.deleteProperty(entries, change.name)
  return { ...spec, [change.resource]: entries }
}

function unordered(declaration: Declaration): unknown {
  const claims = new Map(declaration.ledger.claims.flatMap((shard) => [...shard]).sort())
  const presence = [...declaration.ledger.presence]
    .map(([network, counts]) => [network, [...counts].sort()])
    .sort()
  return {
    claims,
    presence,
    intent: Object.entries(declaration.intent).map(([key, part]) => [
      key,
      part instanceof Map ? [...(part as ReadonlyMap<string, unknown>)] : (part as unknown),
    ]),
  }
}

const start: IntentSpec = {
  name: 'random',
  sites: { a: {} },
  segments: { lan: {} },
  switches: {
    s1: { datapath: '0x1', role: 'hypervisor', uplinks: ['eth0'] },
    s2: { datapath: '0x2', role: 'hypervisor', uplinks: ['eth0'] },
  },
  links: [['s1:eth0', 's2:eth0']],
  networks: {
    n1: { kind: 'vm', vlan: 1, subnets: ['10.0.0.0/24', 'fd00::/64'] },
    n2: { kind: 'internal', switch: 's1', subnets: ['10.0.0.0/24'] },
  },
}

test('one change at a time comes to the same as building the whole, on random changes', () => {
  let [taken, refused] = [0, 0]
  fc.assert(
    fc.property(fc.array(oneChange, { minLength: 1, maxLength: 40 }), fc.boolean(), (changes, cabled) => {
      let current = built(cabled ? start : { ...start, links: [] })
      for (const change of changes) {
        const wanted = asked(current.spec, change)
        const whole = buildIntent(wanted)
        const step = changeIntent(current, change)
        if ('problems' in step) {
          if (step.absent) continue
          assert.ok('problems' in whole, `refused only as a change: ${JSON.stringify(step.problems)}`)
          refused++
          continue
        }
        assert.ok(!('problems' in whole), `refused only as a whole: ${JSON.stringify(whole)}`)
        assert.deepEqual(unordered(step), unordered(whole))
        assert.deepEqual(step.spec, wanted)
        const replaced = changed(changeIntent(current, { kind: 'replace', spec: structuredClone(wanted) }))
        assert.deepEqual(unordered(replaced), unordered(whole))
        keptIdentity(current, step)
        keptIdentity(current, replaced)
        current = step
        taken++
      }
    }),
    { numRuns: 150 },
  )
  assert.ok(taken > 100 && refused > 100, `${taken} taken, ${refused} refused: the test does not test`)
})

function keptIdentity(before: Declaration, after: Changed): void {
  const touched = new Set(after.edits.map(({ object }) => object))
  for (const section of ['switches', 'networks', 'vms'] as const) {
    for (const [name, entity] of after.intent[section]) {
      if (!touched.has(`${section}/${name}`)) assert.equal(entity, before.intent[section].get(name))
    }
  }
}

test('the objects of a document put together again are the document', () => {
  const objects = specEdits(emptyDeclaration.spec, small).map(({ object, value }) => [object, value] as const)
  assert.deepEqual(specFromObjects(objects), small)
  assert.deepEqual(specEdits(small, structuredClone(small)), [])
  const gone = specEdits(small, { name: 'small' })
  assert.ok(gone.every(({ change, value }) => change === 'delete' && value === undefined))
  assert.equal(gone.length, objects.length - 1)
})
