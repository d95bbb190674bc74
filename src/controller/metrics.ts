/** Metrics in Prometheus form; the one file that knows the metrics library. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

type ClassLabel = 'switch' | 'uplink' | 'class'
const classLabels: ClassLabel[] = ['switch', 'uplink', 'class']

export interface Metrics {
  readonly switches: Gauge
  readonly rules: Gauge<'switch'>
  readonly foreignRules: Gauge<'switch'>
  readonly operatorRules: Gauge<'switch'>
  readonly refusedRules: Gauge<'switch'>
  readonly links: Gauge
  readonly operations: Counter<'switch' | 'op'>
  readonly incidents: Counter<'code'>
  readonly packetIns: Counter<'switch'>
  readonly classBytes: Counter<ClassLabel>
  readonly classDroppedBytes: Counter<ClassLabel>
  readonly drops: Gauge<'switch' | 'reason'>
  readonly revision: Gauge
  readonly obstacles: Gauge
  readonly compileSeconds: Histogram
  readonly applySeconds: Histogram
  readonly plugSeconds: Histogram
  readonly text: () => Promise<string>
}

const secondsBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

/** A registry of its own, so that two controllers in one process do not mix. */
export function makeMetrics(): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register, prefix: 'throwbar_' })
  const registers = [register]
  const gauge = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Gauge<Label> => new Gauge({ name: `throwbar_${name}`, help, labelNames, registers })
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `throwbar_${name}`, help, labelNames, registers })
  const seconds = (name: string, help: string): Histogram =>
    new Histogram({ name: `throwbar_${name}`, help, buckets: secondsBuckets, registers })
  return {
    switches: gauge('switches_connected', 'Switches with a session'),
    rules: gauge('rules_installed', 'Rules of ours that the switch confirmed', ['switch']),
    foreignRules: gauge('rules_foreign', 'Rules on the switch that are not ours', ['switch']),
    operatorRules: gauge('rules_operator', 'Rules on the switch that were made by hand', ['switch']),
    refusedRules: gauge('rules_refused', 'Rules that the switch refused and that are not installed', [
      'switch',
    ]),
    links: gauge('links_up', 'Directed links that are up'),
    operations: counter('rule_operations_total', 'Rules added, modified and deleted, as confirmed', [
      'switch',
      'op',
    ]),
    incidents: counter('incidents_total', 'Things that should not happen, by kind', ['code']),
    packetIns: counter('packet_ins_total', 'Packets that switches sent to the controller', ['switch']),
    drops: gauge('dropped_packets', 'Packets the switch dropped, by reason, as last read', [
      'switch',
      'reason',
    ]),
    classBytes: counter(
      'class_bytes_total',
      'Bytes that a class of traffic had to send by an uplink, those dropped by its rate among them',
      classLabels,
    ),
    classDroppedBytes: counter(
      'class_dropped_bytes_total',
      'Bytes of them that its rate dropped',
      classLabels,
    ),
    revision: gauge('intent_revision', 'Revision of the stored intent'),
    obstacles: gauge('obstacles', 'Declared objects that cannot work at the moment'),
    compileSeconds: seconds('compile_seconds', 'Time to compile and prove one change'),
    applySeconds: seconds('apply_seconds', 'Time from a request to the confirmation by all switches'),
    plugSeconds: seconds(
      'plug_seconds',
      'Time from a NIC in the database of a host to the confirmation by all switches',
    ),
    text: () => register.metrics(),
  }
}

export function countOperations(
  { operations }: Pick<Metrics, 'operations'>,
  label: string,
  confirmed: readonly { readonly op: 'add' | 'modify' | 'delete' }[],
): void {
  for (const op of ['add', 'modify', 'delete'] as const) {
    const count = confirmed.filter((each) => each.op === op).length
    if (count > 0) operations.inc({ switch: label, op }, count)
  }
}

export function countUses(
  { classBytes, classDroppedBytes }: Pick<Metrics, 'classBytes' | 'classDroppedBytes'>,
  label: string,
  uses: readonly {
    readonly uplink: string
    readonly name: string
    readonly bytes: number
    readonly droppedBytes: number
  }[],
): void {
  for (const { uplink, name, bytes, droppedBytes } of uses) {
    const labels = { switch: label, uplink, class: name }
    classBytes.inc(labels, bytes)
    classDroppedBytes.inc(labels, droppedBytes)
  }
}
