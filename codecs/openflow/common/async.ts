/**
 * Which asynchronous messages a controller is sent: reasons for each kind of message and each role. From 1.4 on a list
 * of properties; 1.3 has the first six of them in fixed places, and they read as the same properties.
 */
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName, within } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { flagsOf, rest, u32, withDefault } from '../wire/scalars.ts'
import { propertyRules, type TlvIn, type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { flowRemovedReasons, packetInReasons, portReasons } from './names.ts'

const packetIn = flagsOf(u32, packetInReasons)
const portStatus = flagsOf(u32, portReasons)
const flowRemoved = flagsOf(u32, flowRemovedReasons)
const roleStatus = flagsOf(u32, { master_request: 0, config: 1, experimenter: 2 })
const tableStatus = flagsOf(u32, { vacancy_down: 3, vacancy_up: 4 })
const requestForward = flagsOf(u32, { group_mod: 0, meter_mod: 1 })
const flowStats = flagsOf(u32, { stats_request: 0, stat_trigger: 1 })
const controllerStatus = flagsOf(u32, {
  request: 0,
  channel_status: 1,
  role: 2,
  controller_added: 3,
  controller_removed: 4,
  short_id: 5,
  experimenter: 6,
})

const experimenterFields = { experimenter: u32, expType: u32, data: withDefault(rest, new Uint8Array(0)) }
const since15 = { since: 6 } as const

/** OF 1.4.1 7.3.10, OF 1.5.1 7.3.10. `slave` is for that role, `master` for master and equal. */
export const asyncVariants = [
  variant('packet_in_slave', 0, { reasons: packetIn }),
  variant('packet_in_master', 1, { reasons: packetIn }),
  variant('port_status_slave', 2, { reasons: portStatus }),
  variant('port_status_master', 3, { reasons: portStatus }),
  variant('flow_removed_slave', 4, { reasons: flowRemoved }),
  variant('flow_removed_master', 5, { reasons: flowRemoved }),
  variant('role_status_slave', 6, { reasons: roleStatus }),
  variant('role_status_master', 7, { reasons: roleStatus }),
  variant('table_status_slave', 8, { reasons: tableStatus }),
  variant('table_status_master', 9, { reasons: tableStatus }),
  variant('requestforward_slave', 10, { reasons: requestForward }),
  variant('requestforward_master', 11, { reasons: requestForward }),
  variant('flow_stats_slave', 12, { reasons: flowStats }, since15),
  variant('flow_stats_master', 13, { reasons: flowStats }, since15),
  variant('controller_status_slave', 14, { reasons: controllerStatus }, since15),
  variant('controller_status_master', 15, { reasons: controllerStatus }, since15),
  variant('experimenter_slave', 0xfffe, experimenterFields),
  variant('experimenter_master', 0xffff, experimenterFields),
] as const

export type AsyncProperty = TlvOut<(typeof asyncVariants)[number]>
export type AsyncPropertyInput = TlvIn<(typeof asyncVariants)[number]>

export const propertyList = untilEnd(tlvUnion(asyncVariants, propertyRules))

/** Which of the properties each word of 1.3 is, in its order. */
const words = [
  { type: 'packet_in_master', reasons: packetIn },
  { type: 'packet_in_slave', reasons: packetIn },
  { type: 'port_status_master', reasons: portStatus },
  { type: 'port_status_slave', reasons: portStatus },
  { type: 'flow_removed_master', reasons: flowRemoved },
  { type: 'flow_removed_slave', reasons: flowRemoved },
] as const

type Word = (typeof words)[number]

/** Each of the six must be there, in any order: a word that is left out would forbid the messages. */
export const sixWords: Codec<readonly AsyncProperty[], readonly AsyncPropertyInput[]> = {
  read: (r) => words.map(({ type, reasons }) => ({ type, reasons: reasons.read(r) }) as AsyncProperty),
  write(w, properties) {
    properties.forEach(({ type }, index) => {
      if (
        words.some((one) => one.type === type) &&
        properties.findIndex((one) => one.type === type) === index
      )
        return
      const refused = new EncodeError('VERSION', `${versionName(w.version)} cannot carry this ${type}`)
      throw within(refused, `[${index}]`)
    })
    for (const word of words) writeWord(word)

    function writeWord({ type, reasons }: Word): void {
      const found = properties.find((one) => one.type === type)
      if (found === undefined)
        throw new EncodeError('VERSION', `${versionName(w.version)} cannot leave out ${type}`)
      reasons.write(w, (found as unknown as { readonly reasons: readonly never[] }).reasons)
    }
  },
}

/** OF 1.3.5 7.3.10. */
export const getAsyncRequest = message('get_async_request', 26, {})

export const asyncMessages13 = [
  getAsyncRequest,
  message('get_async_reply', 27, { properties: sixWords }),
  message('set_async', 28, { properties: sixWords }),
] as const

export const asyncMessages14 = [
  getAsyncRequest,
  message('get_async_reply', 27, { properties: withDefault(propertyList, []) }),
  message('set_async', 28, { properties: withDefault(propertyList, []) }),
] as const
