/** How others team uplinks: Open vSwitch's bonds and its groups, as its documentation configures them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../support/processes.ts'
import type { Member, Scheme, Side, Team } from './side.ts'

const bondOf = ({ bridge }: Side): string => `${bridge}-bond`
const group = 'group_id=1'
const hashFields = 'eth_src,eth_dst,ip_src,ip_dst,tcp_src,tcp_dst,udp_src,udp_dst'
/** Time that a group's liveness may take to be acted on. */
const groupSettlesMs = 300
/** Instead of ten seconds, and time for two of them: long enough that the load of an interval is worth moving. */
const rebalanceEveryMs = 3_000
const rebalanceForMs = 7_500

const set = (record: readonly string[], columns: readonly string[]): string[] =>
  columns.length > 0 ? ['--', 'set', ...record, ...columns] : []

/** With LACP at its fast rate: without it, two Open vSwitches that each pick an active member lose everything. */
function bond(mode: string, lacp: boolean): Scheme {
  const columns = [
    'bond_mode=active-backup',
    'other_config:bond-rebalance-interval=0',
    ...(lacp ? ['lacp=active', 'other_config:lacp-time=fast'] : []),
  ]
  const join = (side: Side, names: readonly string[]): Promise<string> =>
    side.vsctl([
      ...side.uplinks.flatMap((name) => ['--', '--if-exists', 'del-port', side.bridge, name]),
      ...['--', 'add-bond', side.bridge, bondOf(side), ...names],
      ...set(['port', bondOf(side)], columns),
      ...names.flatMap((name) => set(['interface', name], side.columns(name))),
    ])
  const enabled = async (side: Side): Promise<number> =>
    ((await side.appctl(['bond/show', bondOf(side)])).match(/^(?:slave|member) \S+: enabled$/gm) ?? []).length
  const settled = async (sides: readonly Side[], live: readonly Member[]): Promise<void> => {
    for (const side of sides)
      await until(
        `${mode}: ${live.length} members are enabled`,
        async () => (await enabled(side)) === live.length,
      )
  }
  return {
    name: `OVS ${mode}${lacp ? ' + LACP' : ''}`,
    weights: false,
    apply: async (sides, members) => {
      for (const side of sides) {
        await join(side, namesOf(side, members))
        await side.ofctl('del-flows')
        await side.ofctl('add-flow', ['actions=NORMAL'])
      }
      await settled(sides, members)
      // Only now, or whoever came first would have been dealt most of the hash's buckets.
      for (const side of sides) await side.vsctl(['set', 'port', bondOf(side), `bond_mode=${mode}`])
      await settled(sides, members)
      let present = members
      return {
        setMembers: async (wanted) => {
          for (const side of sides) await changeBond(side, present, wanted)
          present = wanted
          await settled(sides, wanted)
        },
        settled: (live) => settled(sides, live),
        undo: () => Promise.resolve(),
        ...(mode !== 'active-backup' && {
          rebalance: async (traffic) => {
            for (const side of sides) await side.vsctl(rebalancing(side, rebalanceEveryMs))
            for (
              let round = 0, start = performance.now();
              round < 3 || performance.now() < start + rebalanceForMs;
              round++
            )
              await traffic()
            for (const side of sides) await side.vsctl(rebalancing(side, 0))
            return undefined
          },
        }),
      }
    },
  }
}

/** 0: never. */
const rebalancing = (side: Side, everyMs: number): string[] => [
  'set',
  'port',
  bondOf(side),
  `other_config:bond-rebalance-interval=${everyMs}`,
]

async function changeBond(side: Side, present: readonly Member[], wanted: readonly Member[]): Promise<void> {
  const [before, after] = [namesOf(side, present), namesOf(side, wanted)]
  const gone = before.filter((name) => !after.includes(name))
  const come = after.filter((name) => !before.includes(name))
  await side.vsctl([
    ...gone.flatMap((name) => ['--', 'del-bond-iface', bondOf(side), name]),
    ...come.flatMap((name) => [
      ...['--', 'add-bond-iface', bondOf(side), name],
      ...set(['interface', name], side.columns(name)),
    ]),
  ])
}

/** `type`: what comes before the buckets. */
function grouped(name: string, type: string): Scheme {
  const text = (side: Side, members: readonly Member[]): string => {
    const weighted = type.includes('select')
    const buckets = members.map(({ index, weight }) => {
      const uplink = side.uplinks[index] ?? ''
      return `bucket=${weighted ? `weight:${100 * weight},` : ''}watch_port:${uplink},actions=output:${uplink}`
    })
    return [group, type, ...buckets].join(',')
  }
  const team = (sides: readonly Side[]): Team => ({
    setMembers: async (wanted) => {
      for (const side of sides) await side.ofctl('mod-group', [text(side, wanted)])
      await sleep(groupSettlesMs)
    },
    settled: () => sleep(groupSettlesMs),
    undo: () => Promise.resolve(),
  })
  return {
    name,
    weights: type.includes('select'),
    apply: async (sides, members) => {
      for (const side of sides) {
        await side.ofctl('add-group', [text(side, members)])
        for (const uplink of side.uplinks)
          await side.ofctl('add-flow', [`priority=2,in_port=${uplink},actions=${side.inward}`])
        await side.ofctl('add-flow', ['priority=1,actions=group:1'])
      }
      await sleep(groupSettlesMs)
      return team(sides)
    },
  }
}

const namesOf = (side: Side, members: readonly Member[]): string[] =>
  members.map(({ index }) => side.uplinks[index] ?? '')

const balanceTcp = bond('balance-tcp', true)
const dpHash = grouped('select group, dp_hash', 'type=select,selection_method=dp_hash')

export const spreadingPeers: readonly Scheme[] = [
  balanceTcp,
  bond('balance-slb', false),
  dpHash,
  grouped('select group, hash of fields', `type=select,selection_method=hash,fields(${hashFields})`),
  grouped('select group, stock', 'type=select'),
]

export const rebalancingPeers: readonly Scheme[] = spreadingPeers.slice(0, 2)

const groups: readonly Scheme[] = [dpHash, grouped('fast-failover group', 'type=ff')]

export const failoverPeers: readonly Scheme[] = [bond('active-backup', true), balanceTcp, ...groups]

/** Those that take BFD's word for whether a port is live. */
export const watchingPeers = groups
