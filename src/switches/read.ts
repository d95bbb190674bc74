/** Reading a switch: description, ports, flows and meters, each whole, in any version. */
import { type Connection, type FlowEntry, type MeterEntry, SwitchError } from 'ts-openflow'
import type { SwitchDescription } from './live-switch.ts'
import type { PortClaim } from './ports.ts'

export async function readDescription(connection: Connection): Promise<SwitchDescription> {
  const { body } = await connection.request({ type: 'multipart_request', body: { type: 'desc' } })
  const { manufacturer, hardware, software, serial, datapath } = body
  return { manufacturer, hardware, software, serial, datapath }
}

export async function readPorts(connection: Connection): Promise<readonly PortClaim[]> {
  const { body } = await connection.request({ type: 'multipart_request', body: { type: 'port_desc' } })
  return body.entries
}

/** Every flow of every table. */
export async function readFlows(connection: Connection, timeoutMs: number): Promise<readonly FlowEntry[]> {
  const { body } = await connection.request(
    { type: 'multipart_request', body: { type: 'flow' } },
    { timeoutMs },
  )
  return body.entries
}

/** Every meter; none of a switch that has no meters at all and refuses the question. */
export async function readMeters(connection: Connection, timeoutMs: number): Promise<readonly MeterEntry[]> {
  try {
    const { body } = await connection.request(
      { type: 'multipart_request', body: { type: 'meter_config' } },
      { timeoutMs },
    )
    return body.entries
  } catch (error) {
    if (error instanceof SwitchError) return []
    throw error
  }
}
