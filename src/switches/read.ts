/** Reading a switch: description, ports and their counters, flows, meters and groups, each whole, in any version. */
import {
  type Connection,
  type FlowEntry,
  type GroupEntry,
  type MeterEntry,
  type PortStats,
  type ReplyBody,
  SwitchError,
} from 'ts-openflow'
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

export type MeterStats = ReplyBody<'meter'>['entries'][number]

/** Which flows to read: those that meet every part; all of them when there is none. */
export interface FlowSelection {
  readonly tableId?: number
  /** Those whose cookie has this value where the mask has ones. */
  readonly cookie?: bigint
  readonly cookieMask?: bigint
}

export async function readFlows(
  connection: Connection,
  timeoutMs: number,
  only: FlowSelection = {},
): Promise<readonly FlowEntry[]> {
  const { body } = await connection.request(
    { type: 'multipart_request', body: { type: 'flow', ...only } },
    { timeoutMs },
  )
  return body.entries
}

/** Bytes, packets, drops and errors of every port, each way. */
export async function readPortCounters(
  connection: Connection,
  timeoutMs: number,
): Promise<readonly PortStats[]> {
  const { body } = await connection.request(
    { type: 'multipart_request', body: { type: 'port' } },
    { timeoutMs },
  )
  return body.entries
}

/** Every meter; none of a switch that has no meters at all and refuses the question. */
export async function readMeters(connection: Connection, timeoutMs: number): Promise<readonly MeterEntry[]> {
  return unlessRefused(async () => {
    const { body } = await connection.request(
      { type: 'multipart_request', body: { type: 'meter_config' } },
      { timeoutMs },
    )
    return body.entries
  })
}

/** What came to every meter, and what its bands took of it. */
export async function readMeterCounters(
  connection: Connection,
  timeoutMs: number,
): Promise<readonly MeterStats[]> {
  const { body } = await connection.request(
    { type: 'multipart_request', body: { type: 'meter' } },
    { timeoutMs },
  )
  return body.entries
}

/** Every group; none of a switch that has no groups at all and refuses the question. */
export async function readGroups(connection: Connection, timeoutMs: number): Promise<readonly GroupEntry[]> {
  return unlessRefused<GroupEntry>(async () => {
    const { body } = await connection.request(
      { type: 'multipart_request', body: { type: 'group_desc' } },
      { timeoutMs },
    )
    return body.entries
  })
}

async function unlessRefused<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SwitchError) return []
    throw error
  }
}
