/** The messages that every version from 1.3 on shares, for the tables of the versions. */
import {
  barrierReply,
  barrierRequest,
  echoReply,
  echoRequest,
  experimenter,
  featuresReply,
  featuresRequest,
  getConfigReply,
  getConfigRequest,
  setConfig,
} from './basics.ts'
import { errorMessage } from './error.ts'
import { flowMod } from './flow-mod.ts'
import { hello } from './hello.ts'
import { meterMod } from './meter.ts'
import { packetIn } from './packet-in.ts'

/** These mean the same in any version, even one that we do not speak. */
export const stableMessages = [hello, errorMessage, echoRequest, echoReply, experimenter] as const

export const sharedMessages = [
  ...stableMessages,
  featuresRequest,
  featuresReply,
  getConfigRequest,
  getConfigReply,
  setConfig,
  packetIn,
  flowMod,
  meterMod,
  barrierRequest,
  barrierReply,
] as const
