/** What goes wrong with peers and does not stop the others: a code to count by, and a text for the log. */
import type { CloseCode, NoteCode } from 'ts-openflow'

export type IncidentCode =
  /** How a session ended, where that is not simply the end. */
  | CloseCode
  /** What a session survived. */
  | NoteCode
  | 'handler-failed'
  | 'auxiliary-connection'
  | 'too-many-switches'
  /** The switch did not tell its description or its ports. */
  | 'setup-failed'

export interface SwitchIncident {
  readonly code: IncidentCode
  readonly detail: string
  /** `address:port` of the peer. */
  readonly remote: string
  /** 16 hex digits, where the peer had told it. */
  readonly datapathId?: string
}
