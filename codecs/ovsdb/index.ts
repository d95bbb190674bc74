/** OVSDB (RFC 7047 and ovsdb-server(7)): framing, values, messages, replicas and transactions; no socket, no clock. */
export {
  type Atom,
  type AtomType,
  type Column,
  type Columns,
  mapOf,
  type NamedUuid,
  type NewRowOf,
  type NewValueOf,
  optional,
  type RowOf,
  type Selection,
  setOf,
  type Uuid,
  type ValueOf,
} from './columns.ts'
export { OvsdbError, type OvsdbErrorCode } from './errors.ts'
export { defaultFramerLimits, type Framed, type FramerLimits, JsonFramer } from './framer.ts'
export {
  echoReply,
  errorText,
  readMessage,
  type RpcMessage,
  type RpcNotification,
  type RpcReply,
  type RpcRequest,
  writeReply,
  writeRequest,
} from './messages.ts'
export {
  type Basis,
  type Condition,
  type Mutation,
  type Operation,
  type OperationName,
  operationsOn,
  type WaitFor,
} from './operations.ts'
export {
  type Changes,
  type Modified,
  type MonitorRequests,
  Replica,
  type ReplicaLimits,
  type TableChanges,
  type Tables,
} from './replica.ts'
export { isStale, type OperationResult, readOutcome, type TransactionOutcome } from './results.ts'
export { type BoundColumn, type BoundSchema, bindSchema } from './schema.ts'
export type { Dialect } from './table-updates.ts'
export { type Json, readUuid, sameValue, zeroUuid } from './values.ts'
