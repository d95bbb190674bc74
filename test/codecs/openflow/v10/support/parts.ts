/** Parts of messages of 1.0, as bytes and as values. */

/** The match that compares nothing. */
export const anything =
  '003820ff 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000'

/** Port 3, `eth3`, that does not flood, with copper at a gigabit. */
export const portHex = `0003 0200000000aa ${Buffer.from('eth3').toString('hex').padEnd(32, '0')}
  00000010 00000001 000000a0 00000020 00000020 00000000`
export const port = {
  portNo: 3,
  hwAddr: 0x0200000000aa,
  name: 'eth3',
  config: ['no_flood'],
  state: ['link_down'],
  properties: [
    {
      type: 'ethernet',
      curr: ['1gb_fd', 'copper'],
      advertised: ['1gb_fd'],
      supported: ['1gb_fd'],
      peer: [],
      currSpeedKbps: 0,
      maxSpeedKbps: 0,
    },
  ],
}
