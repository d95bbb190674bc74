/** Actions that send the packet somewhere, in ovs-ofctl's syntax. */
import type { ActionInput } from '../../../actions/actions.ts'
import { wholePacket } from '../../../actions/output.ts'
import { allTables, reservedPort } from '../../../common/names.ts'
import { fieldRow } from '../../../fields/table.ts'
import { number, port, portOf, table } from '../number.ts'
import { type Pair, pairsOf, type Piece, syntaxError, trim, words } from '../scan.ts'
import { asSource, bitsOf, subfield } from '../subfield.ts'
import { meets } from '../packet-state.ts'
import { type ActionContext, type ActionParser, bytesOf } from './context.ts'
import { checkPort, checkSource } from './fitness.ts'

const actionReason = 1
const reasons = ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out']
const shortestFrame = 14
const lastPort = 0xffff_ff00

const output: ActionParser = (arg, context) => {
  if (arg.text.includes('port') && arg.text.includes('max_len')) return [truncated(arg, context)]
  const to = portOf(arg.text)
  if (to !== undefined) {
    checkPort(to, context, arg)
    return [{ type: 'output', port: to, maxLen: to === reservedPort.controller ? wholePacket : 0 }]
  }
  const src = subfield(arg)
  checkSource(src, context, arg)
  const isShort = fieldRow(src.field)?.forms[0].experimenter === undefined
  return [
    {
      type: isShort ? 'nx_output_reg' : 'nx_output_reg2',
      bits: bitsOf(src),
      ...asSource(src),
      maxLen: wholePacket,
    },
  ]
}

/** Where a part of the packet can be sent. */
const takesParts = (to: number): boolean =>
  to <= lastPort || to === reservedPort.local || to === reservedPort.inPort

function truncated(arg: Piece, context: ActionContext): ActionInput {
  let to = 0
  let maxLen = 0
  for (const { key, value } of pairsOf(arg)) {
    if (key.text === 'port') {
      to = port(value)
      if (!takesParts(to)) throw syntaxError(value, `parts of packets cannot be sent to port ${value.text}`)
      checkPort(to, context, value)
    } else if (key.text === 'max_len') {
      maxLen = number(value, 32, 'a length')
      if (maxLen < shortestFrame) throw syntaxError(value, `no frame is shorter than ${shortestFrame} bytes`)
    } else throw syntaxError(key, `output has port and max_len, not ${key.text}`)
  }
  return { type: 'nx_output_trunc', port: to, maxLen }
}

interface ToController {
  maxLen?: number
  controllerId?: number
  reason?: number
  userdata?: Uint8Array
  pause?: true
  meterId?: number
}

const controller: ActionParser = (arg) => {
  if (arg.text === '') return [{ type: 'output', port: reservedPort.controller, maxLen: wholePacket }]
  if (/^[0-9]+$/.test(arg.text))
    return [{ type: 'output', port: reservedPort.controller, maxLen: number(arg, 16, 'a length') }]
  const said: ToController = {}
  for (const pair of pairsOf(arg)) controllerKey(said, pair)
  const { maxLen = wholePacket, controllerId = 0, reason = actionReason, userdata, pause, meterId } = said
  if ((userdata?.length ?? 0) > 0 || pause !== undefined || meterId !== undefined)
    return [{ type: 'nx_controller2', ...withoutDefaults(said) }]
  if (reason === actionReason && controllerId === 0 && userdata === undefined)
    return [{ type: 'output', port: reservedPort.controller, maxLen }]
  return [{ type: 'nx_controller', maxLen, controllerId, reason }]
}

function controllerKey(said: ToController, { key, value }: Pair): void {
  switch (key.text) {
    case 'reason':
      said.reason = reasons.indexOf(value.text)
      if (said.reason < 0) throw syntaxError(value, `a reason is one of ${reasons.join(', ')}`)
      return
    case 'max_len':
      said.maxLen = number(value, 16, 'a length')
      return
    case 'id':
      said.controllerId = number(value, 16, 'a controller')
      return
    case 'userdata':
      said.userdata = bytesOf(value)
      return
    case 'pause':
      said.pause = true
      return
    case 'meter_id':
      said.meterId = number(value, 32, 'a meter')
      return
    default:
      throw syntaxError(key, `controller has no ${key.text}`)
  }
}

function withoutDefaults({
  maxLen,
  controllerId,
  reason,
  userdata,
  pause,
  meterId,
}: ToController): ToController {
  return {
    ...(maxLen === undefined || maxLen === wholePacket ? {} : { maxLen }),
    ...(controllerId === undefined || controllerId === 0 ? {} : { controllerId }),
    ...(reason === undefined || reason === actionReason ? {} : { reason }),
    ...(userdata === undefined || userdata.length === 0 ? {} : { userdata }),
    ...(pause === undefined ? {} : { pause }),
    ...(meterId === undefined ? {} : { meterId }),
  }
}

/** `enqueue:1:2`, `enqueue(1,2)`, `enqueue:1q2`; later versions set the queue, output, and go back to the old queue. */
const enqueue: ActionParser = (arg, { version, packet }) => {
  const found = /^([^:q,]+)[:q,](.+)$/.exec(arg.text)
  if (found === null) throw syntaxError(arg, 'enqueue is enqueue:PORT:QUEUE or enqueue(PORT,QUEUE)')
  const [, first = '', second = ''] = found
  const to = port({ text: first, at: arg.at })
  const hasQueues = to < lastPort || to === reservedPort.inPort || to === reservedPort.local
  if (packet !== undefined && !hasQueues) throw syntaxError(arg, `port ${first} has no queues`)
  const queueId = number({ text: second, at: arg.at + first.length + 1 }, 32, 'a queue')
  if (version === 1) return [{ type: 'enqueue', port: to, queueId }]
  return [
    { type: 'set_queue', queueId },
    { type: 'output', port: to, maxLen: wholePacket },
    { type: 'nx_pop_queue' },
  ]
}

/** `resubmit:PORT`, `resubmit(PORT,TABLE)`, `resubmit(,TABLE,ct)`. */
const resubmit: ActionParser = (arg, { packet }) => {
  const [first = '', second = '', third = ''] = arg.text.split(',')
  const at = (text: string, offset: number): Piece => trim({ text, at: arg.at + offset })
  const inPort = at(first, 0)
  const next = at(second, first.length + 1)
  const tracked = at(third, first.length + second.length + 2)
  if (tracked.text !== '' && tracked.text !== 'ct')
    throw syntaxError(tracked, `resubmit may end with ct, not ${tracked.text}`)
  if (inPort.text === '' && next.text === '') throw syntaxError(arg, 'resubmit needs a port or a table')
  if (tracked.text === 'ct' && packet !== undefined && !meets(packet, 'ct'))
    throw syntaxError(tracked, 'the match does not say that connections are tracked')
  return [
    {
      type: tracked.text === 'ct' ? 'nx_resubmit_table_ct' : 'nx_resubmit_table',
      port: inPort.text === '' ? reservedPort.inPort : port(inPort),
      tableId: next.text === '' ? allTables : table(next),
    },
  ]
}

const sample: ActionParser = (arg) => {
  const said = { probability: 0, collectorSetId: 0, obsDomainId: 0, obsPointId: 0 }
  let samplingPort: number = reservedPort.any
  let direction: 'default' | 'ingress' | 'egress' = 'default'
  for (const { key, value } of pairsOf(arg)) {
    if (key.text === 'probability') said.probability = number(value, 16, 'a probability')
    else if (key.text === 'collector_set_id') said.collectorSetId = number(value, 32, 'a set of collectors')
    else if (key.text === 'obs_domain_id') said.obsDomainId = number(value, 32, 'an observation domain')
    else if (key.text === 'obs_point_id') said.obsPointId = number(value, 32, 'an observation point')
    else if (key.text === 'sampling_port') samplingPort = port(value)
    else if (key.text === 'ingress' || key.text === 'egress') direction = key.text
    else throw syntaxError(key, `sample has no ${key.text}`)
  }
  if (said.probability === 0) throw syntaxError(arg, 'sample needs a probability of 1 to 65535')
  if (direction !== 'default') return [{ type: 'nx_sample3', ...said, samplingPort, direction }]
  if (samplingPort !== reservedPort.any) return [{ type: 'nx_sample2', ...said, samplingPort }]
  return [{ type: 'nx_sample', ...said }]
}

const decTtl: ActionParser = (arg) => {
  if (arg.text === '') return [{ type: 'dec_nw_ttl' }]
  const controllerIds = words(arg, ', ').map((word) => number(word, 16, 'a controller'))
  if (controllerIds.length === 0) throw syntaxError(arg, 'dec_ttl(...) needs controllers')
  return [{ type: 'nx_dec_ttl_cnt_ids', controllerIds }]
}

export const outputActions: Readonly<Record<string, ActionParser>> = {
  output,
  output_reg: output,
  controller,
  enqueue,
  resubmit,
  sample,
  dec_ttl: decTtl,
  group: (arg) => [{ type: 'group', groupId: number(arg, 32, 'a group') }],
  set_queue: (arg) => [{ type: 'set_queue', queueId: number(arg, 32, 'a queue') }],
  pop_queue: () => [{ type: 'nx_pop_queue' }],
}
