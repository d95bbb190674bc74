/** Actions about the list of actions itself, and about the flow and the packets that it is for. */
import type { Codec } from '../wire/codec.ts'
import { openEnum, pad, port16, rest, u16, u32, u8, withDefault } from '../wire/scalars.ts'
import { extension, type Variant } from '../wire/tlv.ts'
import type { Action, ActionInput } from './actions.ts'
import { countAhead, counted } from './choice.ts'
import { nicira } from './experimenters.ts'

export interface Clone {
  /** Performed on a copy. */
  readonly actions: readonly Action[]
}

export interface CloneInput {
  readonly actions: readonly ActionInput[]
}

/** Actions inside actions: `nested` reads and writes the list. */
export function cloneAction(
  nested: Codec<readonly Action[], readonly ActionInput[]>,
): Variant<'nx_clone', Clone, CloneInput> {
  return extension('nx_clone', nicira(42), { _: pad(6), actions: nested })
}

const sample = {
  /** Of 65,535 packets, this many. */
  probability: u16,
  collectorSetId: u32,
  obsDomainId: u32,
  obsPointId: u32,
} as const

export const controlVariants = [
  /** Bytes without a meaning; zeros are added until they are 6, 14, 22 and so on. */
  extension('nx_note', nicira(8), { note: rest }),
  /** No action after this one. */
  extension('nx_exit', nicira(17), { _: pad(6) }),
  /** Tells these controllers of packets whose TTL has run out. */
  extension('nx_dec_ttl_cnt_ids', nicira(21), { count: countAhead, _: pad(4), controllerIds: counted(u16) }),
  /** New timeouts for the flow once a TCP connection ends. */
  extension('nx_fin_timeout', nicira(19), { finIdleTimeoutS: u16, finHardTimeoutS: u16, _: pad(2) }),
  /** The flow is clause `clause` (from 0) of `nClauses` of the match on `conj_id` with this number. */
  extension('nx_conjunction', nicira(34), { clause: u8, nClauses: u8, id: u32 }),
  extension('nx_sample', nicira(29), sample),
  extension('nx_sample2', nicira(38), { ...sample, samplingPort: port16, _: pad(6) }),
  extension('nx_sample3', nicira(41), {
    ...sample,
    samplingPort: port16,
    direction: withDefault(openEnum(u8, { default: 0, ingress: 1, egress: 2 }), 'default'),
    _: pad(5),
  }),
  /** For tests of Open vSwitch itself. */
  extension('nx_debug_slow', nicira(254), { _: pad(6) }),
  extension('nx_debug_recirc', nicira(255), { _: pad(6) }),
] as const
