/** The network that most tests of `Discovery` run on. */
import type { VirtualTime } from './fixtures.ts'
import { HV1, HV2, observed, SPINE, VirtualNetwork } from './fixtures.ts'

export const hv1 = observed(HV1, 'up0', 'web1-0')
export const hv2 = observed(HV2, 'up0', 'web2-0')
export const spine = observed(SPINE, 'p1', 'p2', 'p3')
export const A = '1/up0 > aa/p1'
export const B = '2/up0 > aa/p2'
export const BOTH = [A, B, 'aa/p1 > 1/up0', 'aa/p2 > 2/up0']

/** Two hypervisors on one spine: port 1 of each on ports 1 and 2 of it. */
export function network(
  options: ConstructorParameters<typeof VirtualNetwork>[0] = {},
  time?: VirtualTime,
): VirtualNetwork {
  const made = new VirtualNetwork(options, time)
  made.cable(`${HV1}/1`, `${SPINE}/1`)
  made.cable(`${HV2}/1`, `${SPINE}/2`)
  return made
}

export function running(options: ConstructorParameters<typeof VirtualNetwork>[0] = {}): VirtualNetwork {
  const made = network(options)
  for (const each of [hv1, hv2, spine]) made.discovery.switchUp(each)
  made.time.pass(700)
  return made
}
