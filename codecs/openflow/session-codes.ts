/** The codes of what befalls sessions: to be counted by, and told to people beside a text. */

/** Why a session ended. Every session ends with exactly one of these. */
export type CloseCode =
  | 'closed-here'
  | 'peer-closed'
  | 'socket-error'
  | 'tls-failed'
  | 'http-peer'
  | 'tls-peer'
  | 'too-many-half-open'
  | 'handshake-timeout'
  | 'half-message'
  | 'message-before-hello'
  | 'incompatible-version'
  | 'hello-failed'
  | 'features-refused'
  | 'bad-framing'
  | 'slow-reader'
  | 'echo-timeout'

/** Something odd that the session survived; to be counted and logged. */
export type NoteCode =
  | 'wrong-version'
  | 'malformed'
  | 'unknown-type'
  | 'misdirected'
  | 'second-hello'
  | 'late-hello-failed'
  | 'early-message'
  | 'unsolicited'
  /** HELLO elements that cannot be read; the header's version was taken. */
  | 'damaged-hello'
  /** A packet-in that contradicts itself, a port that cannot be: dropped. */
  | 'packet-in-refused'
  | 'port-refused'
  /** Packet-ins came faster than they are taken. */
  | 'packet-in-shed'
  /** A second peer claims the datapath id of a session: the alarm, then what became of it. */
  | 'duplicate-datapath'
  | 'duplicate-refused'
  | 'datapath-replaced'
  /** A peer could not even be let in to be judged: the process is out of sockets. */
  | 'accept-failed'
