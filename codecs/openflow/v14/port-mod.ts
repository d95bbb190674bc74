/** Port-mod from OpenFlow 1.4 on: what to set on the port is a list of properties. */
import { portFeatures } from '../common/names.ts'
import { portModFields } from '../v13/port-mod.ts'
import { untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { withDefault } from '../wire/scalars.ts'
import { propertyRules, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { opticalPortMod } from './optical.ts'

const property = tlvUnion(
  [variant('ethernet', 0, { advertise: portFeatures }), opticalPortMod],
  propertyRules,
)

/** OF 1.4.1 7.3.4.3. Of `config` the bits in `mask` count; `hwAddr` must be the port's own. */
export const portMod = message('port_mod', 16, {
  ...portModFields,
  properties: withDefault(untilEnd(property), []),
})
