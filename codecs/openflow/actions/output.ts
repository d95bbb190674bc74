/** Actions that send the packet somewhere: to a port, a group, a queue. */
import { reservedPort } from '../common/names.ts'
import { namedField, packedField } from '../fields/named-field.ts'
import { bitRange } from '../fields/subfield.ts'
import { pad, port16, u16, u32, u8, withDefault } from '../wire/scalars.ts'
import { extension, variant } from '../wire/tlv.ts'
import { nicira, only10, since11 } from './experimenters.ts'

/** Length that asks for the whole packet. */
export const wholePacket = 0xffff

/** Table number of a resubmit that stays in its table. */
const sameTable = 0xff

export const outputVariants = [
  /** OF 1.0 5.2.4 */
  variant('output', 0, { port: port16, maxLen: withDefault(u16, wholePacket) }, only10),
  /** OF 1.3.5 7.2.5 */
  variant('output', 0, { port: u32, maxLen: withDefault(u16, wholePacket), _: pad(6) }, since11),
  /** OF 1.0 5.2.4: output to a queue of the port. */
  variant('enqueue', 11, { port: port16, _: pad(6), queueId: u32 }, only10),
  /** OF 1.3.5 7.2.5 */
  variant('set_queue', 21, { queueId: u32 }, since11),
  extension('set_queue', nicira(4, only10), { _: pad(2), queueId: u32 }),
  /** Back to the queue from before set_queue. */
  extension('nx_pop_queue', nicira(5), { _: pad(6) }),
  /** OF 1.3.5 7.2.5 */
  variant('group', 22, { groupId: u32 }, since11),
  extension('group', nicira(40, only10), { _: pad(2), groupId: u32 }),
  /** OF 1.5.1 7.2.6.13; an instruction in 1.3 and 1.4. */
  variant('meter', 29, { meterId: u32 }, { since: 6 }),
  /** Output to the port whose number the field holds. */
  extension('nx_output_reg', nicira(15), {
    src: packedField('src'),
    maxLen: withDefault(u16, wholePacket),
    _: pad(6),
  }),
  /** The same with room for an experimenter's field. */
  extension('nx_output_reg2', nicira(32), {
    bits: bitRange,
    maxLen: withDefault(u16, wholePacket),
    src: namedField('src'),
  }),
  /** Output of no more than so many bytes. */
  extension('nx_output_trunc', nicira(39), { port: port16, maxLen: u32 }),
  /** Looks the packet up again in this table, as if it had come in by this port. */
  extension('nx_resubmit', nicira(1), { port: port16, _: pad(4) }),
  extension('nx_resubmit_table', nicira(14), {
    port: withDefault(port16, reservedPort.inPort),
    tableId: withDefault(u8, sameTable),
    _: pad(3),
  }),
  /** The same with the connection's original addresses. */
  extension('nx_resubmit_table_ct', nicira(44), {
    port: withDefault(port16, reservedPort.inPort),
    tableId: withDefault(u8, sameTable),
    _: pad(3),
  }),
] as const
