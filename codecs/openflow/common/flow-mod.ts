/** Flow-mod: the same in all versions but for `importance`, which 1.4 brought. */
import { instructionList } from '../actions/instructions.ts'
import { match } from '../fields/match.ts'
import { message } from '../wire/message.ts'
import { enumOf, since, u16, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { anyGroup, flowFlags, noBuffer, reservedPort } from './names.ts'

const command = enumOf(u8, { add: 0, modify: 1, modify_strict: 2, delete: 3, delete_strict: 4 })

/** OF 1.3.5 7.3.4.1. Defaults: priority 32768, no timeouts, no buffer, and no restriction by output or cookie. */
export const flowMod = message('flow_mod', 14, {
  cookie: withDefault(u64, 0n),
  cookieMask: withDefault(u64, 0n),
  tableId: withDefault(u8, 0),
  command,
  idleTimeoutS: withDefault(u16, 0),
  hardTimeoutS: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  bufferId: withDefault(u32, noBuffer),
  outPort: withDefault(u32, reservedPort.any),
  outGroup: withDefault(u32, anyGroup),
  flags: withDefault(flowFlags, []),
  importance: since(5, u16, { instead: 2, absent: 0 }),
  match: withDefault(match, []),
  instructions: withDefault(instructionList, []),
})
