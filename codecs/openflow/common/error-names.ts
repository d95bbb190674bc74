/**
 * The error types and codes of OpenFlow by name, the position in each list being the number, and the experimenter errors
 * of Open vSwitch (Nicira) and the ONF's early forms of later standard errors. An error has one name in all versions, the
 * one that the specification gave it last.
 */
import { niciraId } from '../actions/actions.ts'

export const onfId = 0x4f4e_4600

interface ErrorTypeRow {
  readonly name: string
  readonly prefix: string
  readonly codes: string
}

const types: readonly ErrorTypeRow[] = [
  { name: 'OFPET_HELLO_FAILED', prefix: 'OFPHFC', codes: 'INCOMPATIBLE EPERM' },
  {
    name: 'OFPET_BAD_REQUEST',
    prefix: 'OFPBRC',
    codes: `BAD_VERSION BAD_TYPE BAD_MULTIPART BAD_EXPERIMENTER BAD_EXP_TYPE EPERM BAD_LEN BUFFER_EMPTY BUFFER_UNKNOWN
      BAD_TABLE_ID IS_SLAVE BAD_PORT BAD_PACKET MULTIPART_BUFFER_OVERFLOW MULTIPART_REQUEST_TIMEOUT
      MULTIPART_REPLY_TIMEOUT MULTIPART_BAD_SCHED PIPELINE_FIELDS_ONLY UNKNOWN`,
  },
  {
    name: 'OFPET_BAD_ACTION',
    prefix: 'OFPBAC',
    codes: `BAD_TYPE BAD_LEN BAD_EXPERIMENTER BAD_EXP_TYPE BAD_OUT_PORT BAD_ARGUMENT EPERM TOO_MANY BAD_QUEUE
      BAD_OUT_GROUP MATCH_INCONSISTENT UNSUPPORTED_ORDER BAD_TAG BAD_SET_TYPE BAD_SET_LEN BAD_SET_ARGUMENT
      BAD_SET_MASK BAD_METER`,
  },
  {
    name: 'OFPET_BAD_INSTRUCTION',
    prefix: 'OFPBIC',
    codes: `UNKNOWN_INST UNSUP_INST BAD_TABLE_ID UNSUP_METADATA UNSUP_METADATA_MASK BAD_EXPERIMENTER BAD_EXP_TYPE
      BAD_LEN EPERM DUP_INST`,
  },
  {
    name: 'OFPET_BAD_MATCH',
    prefix: 'OFPBMC',
    codes: `BAD_TYPE BAD_LEN BAD_TAG BAD_DL_ADDR_MASK BAD_NW_ADDR_MASK BAD_WILDCARDS BAD_FIELD BAD_VALUE BAD_MASK
      BAD_PREREQ DUP_FIELD EPERM`,
  },
  {
    name: 'OFPET_FLOW_MOD_FAILED',
    prefix: 'OFPFMFC',
    codes: `UNKNOWN TABLE_FULL BAD_TABLE_ID OVERLAP EPERM BAD_TIMEOUT BAD_COMMAND BAD_FLAGS CANT_SYNC BAD_PRIORITY
      IS_SYNC`,
  },
  {
    name: 'OFPET_GROUP_MOD_FAILED',
    prefix: 'OFPGMFC',
    codes: `GROUP_EXISTS INVALID_GROUP WEIGHT_UNSUPPORTED OUT_OF_GROUPS OUT_OF_BUCKETS CHAINING_UNSUPPORTED
      WATCH_UNSUPPORTED LOOP UNKNOWN_GROUP CHAINED_GROUP BAD_TYPE BAD_COMMAND BAD_BUCKET BAD_WATCH EPERM
      UNKNOWN_BUCKET BUCKET_EXISTS`,
  },
  {
    name: 'OFPET_PORT_MOD_FAILED',
    prefix: 'OFPPMFC',
    codes: 'BAD_PORT BAD_HW_ADDR BAD_CONFIG BAD_ADVERTISE EPERM',
  },
  { name: 'OFPET_TABLE_MOD_FAILED', prefix: 'OFPTMFC', codes: 'BAD_TABLE BAD_CONFIG EPERM' },
  { name: 'OFPET_QUEUE_OP_FAILED', prefix: 'OFPQOFC', codes: 'BAD_PORT BAD_QUEUE EPERM' },
  { name: 'OFPET_SWITCH_CONFIG_FAILED', prefix: 'OFPSCFC', codes: 'BAD_FLAGS BAD_LEN EPERM' },
  { name: 'OFPET_ROLE_REQUEST_FAILED', prefix: 'OFPRRFC', codes: 'STALE UNSUP BAD_ROLE ID_UNSUP ID_IN_USE' },
  {
    name: 'OFPET_METER_MOD_FAILED',
    prefix: 'OFPMMFC',
    codes: `UNKNOWN METER_EXISTS INVALID_METER UNKNOWN_METER BAD_COMMAND BAD_FLAGS BAD_RATE BAD_BURST BAD_BAND
      BAD_BAND_VALUE OUT_OF_METERS OUT_OF_BANDS`,
  },
  {
    name: 'OFPET_TABLE_FEATURES_FAILED',
    prefix: 'OFPTFFC',
    codes: `BAD_TABLE BAD_METADATA BAD_TYPE BAD_LEN BAD_ARGUMENT EPERM BAD_CAPA BAD_MAX_ENT BAD_FEATURES BAD_COMMAND
      TOO_MANY`,
  },
  {
    name: 'OFPET_BAD_PROPERTY',
    prefix: 'OFPBPC',
    codes: 'BAD_TYPE BAD_LEN BAD_VALUE TOO_MANY DUP_TYPE BAD_EXPERIMENTER BAD_EXP_TYPE BAD_EXP_VALUE EPERM',
  },
  { name: 'OFPET_ASYNC_CONFIG_FAILED', prefix: 'OFPACFC', codes: 'INVALID UNSUPPORTED EPERM' },
  {
    name: 'OFPET_FLOW_MONITOR_FAILED',
    prefix: 'OFPMOFC',
    codes:
      'UNKNOWN MONITOR_EXISTS INVALID_MONITOR UNKNOWN_MONITOR BAD_COMMAND BAD_FLAGS BAD_TABLE_ID BAD_OUT',
  },
  {
    name: 'OFPET_BUNDLE_FAILED',
    prefix: 'OFPBFC',
    codes: `UNKNOWN EPERM BAD_ID BUNDLE_EXIST BUNDLE_CLOSED OUT_OF_BUNDLES BAD_TYPE BAD_FLAGS MSG_BAD_LEN MSG_BAD_XID
      MSG_UNSUP MSG_CONFLICT MSG_TOO_MANY MSG_FAILED TIMEOUT BUNDLE_IN_PROGRESS SCHED_NOT_SUPPORTED SCHED_FUTURE
      SCHED_PAST`,
  },
]

export interface NamedErrorType {
  readonly name: string
  readonly codes: readonly string[]
}

const namedTypes = (rows: readonly ErrorTypeRow[]): readonly NamedErrorType[] =>
  rows.map(({ name, prefix, codes }) => ({
    name,
    codes: codes.split(/\s+/).map((code) => `${prefix}_${code}`),
  }))

/** By number of the type, from OpenFlow 1.1 on: later versions only added to it. */
export const errorTypes: readonly NamedErrorType[] = namedTypes(types)

/** OF 1.0.0 5.4.5. */
export const errorTypes10: readonly NamedErrorType[] = namedTypes([
  { name: 'OFPET_HELLO_FAILED', prefix: 'OFPHFC', codes: 'INCOMPATIBLE EPERM' },
  {
    name: 'OFPET_BAD_REQUEST',
    prefix: 'OFPBRC',
    codes: `BAD_VERSION BAD_TYPE BAD_MULTIPART BAD_EXPERIMENTER BAD_EXP_TYPE EPERM BAD_LEN BUFFER_EMPTY
      BUFFER_UNKNOWN`,
  },
  {
    name: 'OFPET_BAD_ACTION',
    prefix: 'OFPBAC',
    codes: `BAD_TYPE BAD_LEN BAD_EXPERIMENTER BAD_EXP_TYPE BAD_OUT_PORT BAD_ARGUMENT EPERM TOO_MANY BAD_QUEUE`,
  },
  {
    name: 'OFPET_FLOW_MOD_FAILED',
    prefix: 'OFPFMFC',
    codes: 'TABLE_FULL OVERLAP EPERM BAD_EMERG_TIMEOUT BAD_COMMAND UNSUPPORTED',
  },
  { name: 'OFPET_PORT_MOD_FAILED', prefix: 'OFPPMFC', codes: 'BAD_PORT BAD_HW_ADDR' },
  { name: 'OFPET_QUEUE_OP_FAILED', prefix: 'OFPQOFC', codes: 'BAD_PORT BAD_QUEUE EPERM' },
])

/** Errors that Open vSwitch knows by another name than the specification's last one. */
const ovsNames: ReadonlyMap<string, string> = new Map([
  ['OFPBRC_BAD_MULTIPART', 'OFPBRC_BAD_STAT'],
  ['OFPBRC_BAD_EXPERIMENTER', 'OFPBRC_BAD_VENDOR'],
  ['OFPBRC_BAD_EXP_TYPE', 'OFPBRC_BAD_SUBTYPE'],
  ['OFPBRC_IS_SLAVE', 'OFPBRC_IS_SECONDARY'],
  ['OFPBAC_BAD_EXPERIMENTER', 'OFPBAC_BAD_VENDOR'],
  ['OFPBAC_BAD_EXP_TYPE', 'OFPBAC_BAD_VENDOR_TYPE'],
  ['OFPTFFC_BAD_TYPE', 'OFPBPC_BAD_TYPE'],
  ['OFPTFFC_BAD_LEN', 'OFPBPC_BAD_LEN'],
  ['OFPTFFC_BAD_ARGUMENT', 'OFPBPC_BAD_VALUE'],
])

/** What Open vSwitch, and so ovs-ofctl, calls the error. */
export function ovsErrorName(name: string): string {
  return ovsNames.get(name) ?? name
}

/** Consecutive codes. */
const numbered = (first: number, prefix: string, codes: string): [number, string][] =>
  codes.split(/\s+/).map((code, index) => [first + index, `${prefix}_${code}`])

const niciraErrors = new Map<number, string>([
  ...numbered(2, 'NXBRC', 'NXM_INVALID NXM_BAD_TYPE MUST_BE_ZERO BAD_REASON'),
  ...numbered(6, 'OFPMOFC', 'MONITOR_EXISTS BAD_FLAGS UNKNOWN_MONITOR'),
  ...numbered(9, 'NXBRC', 'FM_BAD_EVENT UNENCODABLE_ERROR'),
  [11, 'NXBAC_MUST_BE_ZERO'],
  ...numbered(12, 'NXFMFC', 'HARDWARE BAD_TABLE_ID'),
  [15, 'NXBAC_BAD_CONJUNCTION'],
  ...numbered(16, 'NXTTMFC', 'BAD_COMMAND BAD_OPT_LEN BAD_FIELD_IDX TABLE_FULL ALREADY_MAPPED DUP_ENTRY'),
  [22, 'OFPBFC_BAD_VERSION'],
  [23, 'NXQOFC_QUEUE_ERROR'],
  ...numbered(
    25,
    'OFPBPC',
    'BAD_TYPE BAD_LEN BAD_VALUE TOO_MANY DUP_TYPE BAD_EXPERIMENTER BAD_EXP_TYPE BAD_EXP_VALUE EPERM',
  ),
  [34, 'NXR_NOT_SUPPORTED'],
  [35, 'NXR_STALE'],
  [36, 'NXST_NOT_CONFIGURED'],
  [37, 'NXFMFC_INVALID_TLV_FIELD'],
  [38, 'NXTTMFC_INVALID_TLV_DEL'],
  ...numbered(39, 'NXBAC', 'BAD_HEADER_TYPE UNKNOWN_ED_PROP BAD_ED_PROP CT_DATAPATH_SUPPORT'),
  [43, 'NXBMC_CT_DATAPATH_SUPPORT'],
  [44, 'NXTFFC_DUP_TABLE'],
])

const onfErrors = new Map<number, string>([
  ...numbered(
    2300,
    'OFPBFC',
    `UNKNOWN EPERM BAD_ID BUNDLE_EXIST BUNDLE_CLOSED OUT_OF_BUNDLES BAD_TYPE BAD_FLAGS MSG_BAD_LEN MSG_BAD_XID
      MSG_UNSUP MSG_CONFLICT MSG_TOO_MANY MSG_FAILED TIMEOUT BUNDLE_IN_PROGRESS`,
  ),
  [2360, 'OFPFMFC_BAD_PRIORITY'],
  ...numbered(2370, 'OFPACFC', 'INVALID UNSUPPORTED EPERM'),
  [2600, 'OFPBIC_DUP_INST'],
  ...numbered(2640, 'OFPBRC', 'MULTIPART_REQUEST_TIMEOUT MULTIPART_REPLY_TIMEOUT'),
  [4250, 'OFPBAC_BAD_SET_MASK'],
  ...numbered(4443, 'OFPBPC', 'TOO_MANY DUP_TYPE BAD_EXPERIMENTER BAD_EXP_TYPE BAD_EXP_VALUE EPERM'),
])

/** By experimenter, then by the experimenter's error type. */
export const experimenterErrors: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [niciraId, niciraErrors],
  [onfId, onfErrors],
])

/** Nicira's errors of OpenFlow 1.0 and 1.1 have a type and a code, here in one number. */
export const vendorErrorCode = (type: number, code: number): number => type * 0x10000 + code

const ofType = (type: number, first: number, prefix: string, codes: string): [number, string][] =>
  numbered(vendorErrorCode(type, first), prefix, codes)

const groupModCodes = types.find(({ prefix }) => prefix === 'OFPGMFC')?.codes ?? ''

const earlyErrors: readonly (readonly [number, string])[] = [
  ...ofType(0, 263, 'OFPBMC', 'BAD_FIELD'),
  ...ofType(1, 256, 'NXBRC', 'NXM_INVALID NXM_BAD_TYPE'),
  ...ofType(1, 258, 'OFPBMC', 'BAD_VALUE BAD_MASK BAD_PREREQ DUP_FIELD BAD_WILDCARDS'),
  ...ofType(1, 264, 'NXBMC', 'CT_DATAPATH_SUPPORT'),
  ...ofType(1, 265, 'NXBAC', 'CT_DATAPATH_SUPPORT'),
  ...ofType(1, 512, 'OFPBRC', 'BAD_TABLE_ID'),
  ...ofType(1, 513, 'OFPRRFC', 'BAD_ROLE'),
  ...ofType(1, 514, 'OFPBRC', 'BAD_PORT'),
  ...ofType(1, 515, 'NXBRC', 'MUST_BE_ZERO BAD_REASON'),
  ...ofType(1, 517, 'OFPMOFC', 'MONITOR_EXISTS BAD_FLAGS UNKNOWN_MONITOR'),
  ...ofType(1, 520, 'NXBRC', 'FM_BAD_EVENT UNENCODABLE_ERROR'),
  ...ofType(1, 522, 'OFPBAC', 'MATCH_INCONSISTENT BAD_SET_TYPE BAD_SET_LEN BAD_SET_ARGUMENT'),
  ...ofType(1, 527, 'NXTTMFC', 'BAD_COMMAND BAD_OPT_LEN BAD_FIELD_IDX TABLE_FULL ALREADY_MAPPED DUP_ENTRY'),
  ...ofType(1, 533, 'NXR', 'NOT_SUPPORTED STALE'),
  ...ofType(1, 535, 'NXST', 'NOT_CONFIGURED'),
  ...ofType(1, 536, 'NXFMFC', 'INVALID_TLV_FIELD'),
  ...ofType(1, 537, 'NXTTMFC', 'INVALID_TLV_DEL'),
  ...ofType(2, 9, 'OFPBAC', 'BAD_OUT_GROUP'),
  ...ofType(2, 256, 'NXBAC', 'MUST_BE_ZERO'),
  ...ofType(2, 257, 'OFPBIC', 'UNSUP_INST'),
  ...ofType(2, 526, 'NXBAC', 'BAD_CONJUNCTION'),
  ...ofType(5, 256, 'NXFMFC', 'HARDWARE BAD_TABLE_ID'),
  ...ofType(6, 0, 'OFPGMFC', groupModCodes),
  ...ofType(13, 2, 'OFPBPC', 'BAD_TYPE BAD_LEN BAD_VALUE'),
  ...ofType(14, 3, 'OFPBPC', 'TOO_MANY DUP_TYPE BAD_EXPERIMENTER BAD_EXP_TYPE BAD_EXP_VALUE EPERM'),
]

/** By wire version: of 1.0 and 1.1. */
export const earlyNiciraErrors: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [1, new Map([...earlyErrors, ...ofType(3, 258, 'OFPFMFC', 'BAD_FLAGS')])],
  [
    2,
    new Map([
      ...earlyErrors,
      ...ofType(3, 256, 'OFPBIC', 'DUP_INST'),
      ...ofType(5, 258, 'OFPFMFC', 'BAD_FLAGS'),
    ]),
  ],
])
