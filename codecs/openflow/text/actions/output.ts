/** Texts of actions that send the packet somewhere. */
import { reservedPort } from '../../common/names.ts'
import { hexBytes } from '../generic.ts'
import { portName } from '../names.ts'
import { type ActionOf, inParentheses, namedBits, tableName, type TextOptions, type Texts } from './words.ts'

/** Ports from here on are reserved. */
const firstReserved = 0xffff_ff00

/** The last two are Open vSwitch's own, a miss that was said and one that was not; it has no words for them. */
const reasonNames = ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out', '', '']
const actionReason = 1
const wholePacket = 0xffff

function output({ port, maxLen }: ActionOf<'output'>): string {
  if (port === reservedPort.controller) return `CONTROLLER:${maxLen}`
  return port >= firstReserved ? portName(port) : `output:${port}`
}

type Controller = Omit<ActionOf<'nx_controller2'>, 'type'>

function controller(one: Controller): string {
  const { reason = actionReason, maxLen = wholePacket, controllerId = 0, userdata, pause, meterId = 0 } = one
  const said = userdata !== undefined && userdata.length > 0
  if (reason === actionReason && controllerId === 0 && !said && !pause && meterId === 0)
    return `CONTROLLER:${maxLen}`
  return inParentheses('controller', [
    reason !== actionReason && `reason=${reasonNames[reason] ?? reason}`,
    maxLen !== wholePacket && `max_len=${maxLen}`,
    controllerId !== 0 && `id=${controllerId}`,
    said && `userdata=${dotted(userdata)}`,
    pause === true && 'pause',
    meterId !== 0 && `meter_id=${meterId}`,
  ])
}

/** `01.02.03` */
export const dotted = (bytes: Uint8Array): string => hexBytes(bytes).replace(/..(?=.)/g, '$&.')

type Resubmit = ActionOf<'nx_resubmit_table' | 'nx_resubmit_table_ct'>

const sameTable = 0xff

function resubmitTable({ type, port, tableId }: Resubmit, options: TextOptions): string {
  if (port !== reservedPort.inPort && tableId === sameTable) return `resubmit:${portName(port)}`
  const parts = [
    port === reservedPort.inPort ? '' : portName(port),
    tableId === sameTable ? '' : tableName(tableId, options),
  ]
  return inParentheses('resubmit', [...parts, type === 'nx_resubmit_table_ct' && 'ct'])
}

const outputReg = (one: ActionOf<'nx_output_reg' | 'nx_output_reg2'>): string =>
  `output:${namedBits({ field: one.src, oxmClass: one.srcOxmClass, bits: one.bits })}`

export const outputTexts: Texts<
  | 'output'
  | 'enqueue'
  | 'set_queue'
  | 'nx_pop_queue'
  | 'group'
  | 'meter'
  | 'nx_output_reg'
  | 'nx_output_reg2'
  | 'nx_output_trunc'
  | 'nx_resubmit'
  | 'nx_resubmit_table'
  | 'nx_resubmit_table_ct'
  | 'nx_controller'
  | 'nx_controller2'
> = {
  output,
  enqueue: ({ port, queueId }) => `enqueue:${portName(port)}:${queueId}`,
  set_queue: ({ queueId }) => `set_queue:${queueId}`,
  nx_pop_queue: () => 'pop_queue',
  group: ({ groupId }) => `group:${groupId}`,
  meter: ({ meterId }) => `meter:${meterId}`,
  nx_output_reg: outputReg,
  nx_output_reg2: outputReg,
  nx_output_trunc: ({ port, maxLen }) => `output(port=${portName(port)},max_len=${maxLen})`,
  nx_resubmit: ({ port }) => (port === reservedPort.inPort ? 'resubmit(,)' : `resubmit:${portName(port)}`),
  nx_resubmit_table: resubmitTable,
  nx_resubmit_table_ct: resubmitTable,
  nx_controller: controller,
  nx_controller2: controller,
}
