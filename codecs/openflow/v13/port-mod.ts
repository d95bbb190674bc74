/** Port-mod of OpenFlow 1.1 to 1.3: the features to advertise have a fixed place. */
import { portConfig, portFeatures } from '../common/names.ts'
import { exactlyOne } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { pad, u32, withDefault } from '../wire/scalars.ts'
import { bare, variant } from '../wire/tlv.ts'
import { macAddress } from './port.ts'

const advertised = exactlyOne(bare(variant('ethernet', 0, { advertise: portFeatures, _: pad(4) })))

/** No property is written as no features, which changes nothing. */
const properties: typeof advertised = {
  read: (r) => advertised.read(r),
  write: (w, list) => advertised.write(w, list.length === 0 ? [{ type: 'ethernet', advertise: [] }] : list),
}

export const portModFields = {
  portNo: u32,
  _: pad(4),
  hwAddr: macAddress,
  _1: pad(2),
  config: withDefault(portConfig, []),
  mask: withDefault(portConfig, []),
} as const

/** OF 1.3.5 7.3.4.3. Of `config` the bits in `mask` count; `hwAddr` must be the port's own. */
export const portMod = message('port_mod', 16, {
  ...portModFields,
  properties: withDefault(properties, []),
})
