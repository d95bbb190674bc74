/**
 * All actions as one table: OpenFlow's own of every version and Open vSwitch's extensions; any other action reads as
 * `experimenter` or `unknown` with its bytes.
 */
import type { Codec } from '../wire/codec.ts'
import { untilEnd } from '../wire/lists.ts'
import type { TlvIn, TlvOut } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { choiceVariants } from './choice.ts'
import { connectionVariants, type Conntrack, conntrackAction, type ConntrackInput } from './conntrack.ts'
import { type Clone, cloneAction, type CloneInput, controlVariants } from './control.ts'
import { controllerVariants } from './controller.ts'
import { encapVariants } from './encap.ts'
import { fieldVariants } from './fields.ts'
import { headerVariants } from './headers.ts'
import { learnVariants } from './learn.ts'
import { outputVariants } from './output.ts'

export { niciraId } from './experimenters.ts'
export { wholePacket } from './output.ts'

const flatVariants = [
  ...outputVariants,
  ...headerVariants,
  ...fieldVariants,
  ...controllerVariants,
  ...controlVariants,
  ...choiceVariants,
  ...learnVariants,
  ...connectionVariants,
  ...encapVariants,
] as const

type FlatVariant = (typeof flatVariants)[number]

export type Action =
  | TlvOut<FlatVariant>
  | ({ readonly type: 'nx_ct' } & Conntrack)
  | ({ readonly type: 'nx_clone' } & Clone)

export type ActionInput =
  | TlvIn<FlatVariant>
  | ({ readonly type: 'nx_ct' } & ConntrackInput)
  | ({ readonly type: 'nx_clone' } & CloneInput)

/** The list inside an action, which is known only once the table is. */
const nested: Codec<readonly Action[], readonly ActionInput[]> = {
  read: (r) => actionList.read(r),
  write: (w, actions) => actionList.write(w, actions),
}

/** One row for each number that an action has, for the table of documentation too. */
export const actionVariants = [...flatVariants, conntrackAction(nested), cloneAction(nested)] as const

export const action: Codec<Action, ActionInput> = tlvUnion(actionVariants, {
  align: 8,
  lengthCountsPadding: true,
  subtypeBits: 16,
})

export const actionList: Codec<readonly Action[], readonly ActionInput[]> = untilEnd(action)
