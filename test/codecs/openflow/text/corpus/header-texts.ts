/** Actions that change the packet or its metadata; what a tag or label pushed makes possible is noted in the scene. */
import { action, argument, both, from, has, lax, number, plain } from './action-options.ts'
import type { Option } from './random.ts'
import type { Scene } from './scene.ts'
import { ipv4Text, macText, numberText } from './values.ts'

export const headers: readonly Option<Scene>[] = [
  action(
    'set_vlan_vid',
    (scene) => argument(scene, 'set_vlan_vid', Number(scene.random.bits(12))),
    lax(has('vlan_pcp')),
  ),
  action(
    'set_vlan_pcp',
    (scene) => argument(scene, 'set_vlan_pcp', scene.random.below(8)),
    lax(has('vlan_pcp')),
  ),
  action(
    'mod_vlan_vid',
    (scene) => vlan(scene, argument(scene, 'mod_vlan_vid', Number(scene.random.bits(12)))),
    has('eth_src'),
  ),
  action(
    'mod_vlan_pcp',
    (scene) => vlan(scene, argument(scene, 'mod_vlan_pcp', scene.random.below(8))),
    has('eth_src'),
  ),
  ...['strip_vlan', 'pop_vlan'].map((name) =>
    action(
      name,
      (scene) => {
        scene.vlan = false
        return name
      },
      lax(has('vlan_pcp')),
    ),
  ),
  action(
    'push_vlan',
    (scene) => vlan(scene, argument(scene, 'push_vlan', scene.random.pick(['0x8100', '0x88a8', '33024']))),
    both(
      from(2),
      both(has('eth_src'), ({ pushed }) => pushed.count === 0),
    ),
  ),
  ...['mod_dl_src', 'mod_dl_dst'].map((name) =>
    action(name, (scene) => argument(scene, name, macText(scene.random)), has('eth_src')),
  ),
  ...['mod_nw_src', 'mod_nw_dst'].map((name) =>
    action(name, (scene) => argument(scene, name, ipv4Text(scene.random)), lax(has('ip_src'))),
  ),
  action(
    'mod_nw_tos',
    (scene) => argument(scene, 'mod_nw_tos', scene.random.below(64) * 4),
    lax(has('nw_tos')),
  ),
  action('mod_nw_ecn', (scene) => argument(scene, 'mod_nw_ecn', scene.random.below(4)), has('nw_tos')),
  number('mod_nw_ttl', 8, has('nw_tos')),
  number('set_nw_ttl', 8, has('nw_tos')),
  ...['mod_tp_src', 'mod_tp_dst'].map((name) =>
    number(
      name,
      16,
      lax((scene) => ['tcp_src', 'udp_src', 'sctp_src'].some((one) => has(one)(scene))),
    ),
  ),
  plain('dec_ttl', lax(has('nw_tos'))),
  action(
    'dec_ttl ids',
    ({ random }) =>
      random.pick(['dec_ttl(1)', 'dec_ttl(1,2)', 'dec_ttl(0,3,65535)', 'dec_ttl(4, 5)', 'dec_ttl:6']),
    lax(has('nw_tos')),
  ),
  number('set_mpls_label', 20, lax(has('mpls_label'))),
  number('set_mpls_tc', 3, lax(has('mpls_label'))),
  number('set_mpls_ttl', 8, lax(has('mpls_label'))),
  plain('dec_mpls_ttl', lax(has('mpls_label'))),
  plain('dec_nsh_ttl', both(from(4), has('nsh_ttl'))),
  action(
    'push_mpls',
    (scene) => {
      const type = scene.random.pick([0x8847, 0x8848])
      become(scene, type)
      return argument(scene, 'push_mpls', numberText(scene.random, type))
    },
    has('eth_src'),
  ),
  action(
    'pop_mpls',
    (scene) => {
      const type = scene.random.pick([0x0800, 0x86dd, 0x8847, 0x0806])
      become(scene, type)
      return argument(scene, 'pop_mpls', numberText(scene.random, type))
    },
    lax(both(has('mpls_label'), has('eth_src'))),
  ),
]

const vlan = (scene: Scene, text: string): string => {
  scene.pushed.count++
  scene.vlan = true
  return text
}

export const become = (scene: Scene, ethType: number | undefined): void => {
  scene.ethType = ethType
  scene.ipProtocol = undefined
  scene.icmp6Type = undefined
}

export const metadata: readonly Option<Scene>[] = [
  number('set_tunnel', 32),
  number('set_tunnel64', 64),
  number('set_queue', 32),
  plain('pop_queue'),
  plain('exit'),
  action('note', ({ random }) =>
    random.pick([
      'note:00',
      'note:11.22.33',
      'note:aabbccddeeff00',
      'note:',
      'note(01.02)',
      'note:0102.0304.0506.0708',
    ]),
  ),
  action(
    'fin_timeout',
    ({ random }) =>
      random.pick([
        'fin_timeout(idle_timeout=5)',
        'fin_timeout(hard_timeout=6)',
        'fin_timeout(idle_timeout=7,hard_timeout=8)',
        'fin_timeout(idle_timeout:9 hard_timeout=65535)',
      ]),
    lax(has('tcp_src')),
  ),
]
