/**
 * Thousands of seeded packets, well formed and damaged, beside what the installed ovs-ofctl shows of them.
 * `FUZZ_ROUNDS` makes it longer, `FUZZ_SEED` chooses other packets.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { showPacket } from 'ts-openflow'
import { namedFrames, withTrueLength } from '../codecs/openflow/capture/packet-frames.ts'
import { whyNoOfctl } from '../codecs/openflow/support/ofctl.ts'
import { type Packet, packetTexts } from '../codecs/openflow/support/packet-oracle.ts'
import { randomPackets } from '../codecs/openflow/support/random-packets.ts'

const reason = whyNoOfctl()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? {} : { skip: reason }

const count = 500 * Number(process.env['FUZZ_ROUNDS'] ?? 12)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)

async function compare(packets: readonly Packet[]): Promise<readonly string[]> {
  const theirs = await packetTexts(packets)
  packets.forEach(({ hex, packetType }, index) => {
    const ours = showPacket(new Uint8Array(Buffer.from(hex, 'hex')), packetType)
    assert.equal(ours, theirs[index], `${hex}, packet type ${packetType ?? 0}, seed ${seed}`)
  })
  return theirs
}

test('every kind of frame, cut at every length', options, async () => {
  const cuts = namedFrames.flatMap(([, hex]) =>
    Array.from({ length: hex.length / 2 + 1 }, (_, size) => hex.slice(0, 2 * size)),
  )
  await compare([...new Set([...cuts, ...cuts.map(withTrueLength)])].map((hex) => ({ hex })))
})

/** That the packets are good ones: what must be seen among the texts. */
const wanted = [
  ...['ip,', 'icmp,', 'tcp,', 'udp,', 'sctp,', 'ipv6,', 'icmp6,', 'tcp6,', 'udp6,', 'sctp6,'],
  ...['arp,', 'rarp,', 'mpls,', 'mplsm,', 'dl_type=0x05ff', 'dl_type=0x0000', 'dl_type=0x88cc'],
  ...['dl_vlan1=', 'vlan_tci1=0x0000', 'mpls_lse2=', 'nsh_c4=', 'nw_frag=first', 'nw_frag=later'],
  ...['nd_target=2', 'nd_target=::,', '::ffff:', 'tcp_flags=0', 'cwr', '[800]', 'arp_op=0,', 'nw_proto=2,'],
  ...['tcp_csum:', 'udp_csum:', 'sctp_csum:', 'icmp_csum:', 'icmp6_csum:', 'packet_type=(2,'],
]

test(`${count} random packets`, options, async () => {
  const texts = (await compare(randomPackets(count, seed))).join('\n')
  assert.deepEqual(
    wanted.filter((part) => !texts.includes(part)),
    [],
  )
})
