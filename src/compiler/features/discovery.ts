/** Link probes go to the controller from every port that no VM has; VM ports never get as far as this rule. */
import { ethDst, ethTypes } from '../../pipeline/fields.ts'
import { rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import { probeBytes, probeMeter } from './meters.ts'
import { classifyPriority } from './classification.ts'

/** Nearest bridge (IEEE 802.1AB): what LLDP is sent to. */
const nearestBridge = 0x0180c200000e

export function discoveryRules(owner: Owner): Rule[] {
  return [
    rule({
      table: 'classify',
      priority: classifyPriority.probe,
      match: [ethDst(nearestBridge), { field: 'eth_type', value: ethTypes.lldp }],
      meter: probeMeter,
      actions: [{ type: 'controller', maxLen: probeBytes }],
      owner,
    }),
  ]
}

/** One rule that no packet reaches: its presence and cookie tell which pipeline is installed. */
export function canaryRule(owner: Owner): Rule {
  return rule({ table: 'canary', priority: 0, match: [], owner })
}
