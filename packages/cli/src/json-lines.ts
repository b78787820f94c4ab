/**
 * What `--json` prints, a line each on stdout (`stt pipe`: on stderr, since stdout is the peer's). Fields are added in later
 * versions, none is taken away or changes its meaning. Ids are 64 hexadecimal digits, times are RFC 3339, sizes are bytes,
 * durations are milliseconds.
 */
export type JsonLine =
  | PairingLine
  | ListedLine
  | ForgottenLine
  | ListeningLine
  | PathLine
  | PingLine
  | EndedLine
  | ErrorLine

/** `stt pair` made a pairing, or joined one (then without `phrase`). */
export interface PairingLine {
  readonly type: 'pairing'
  readonly name: string
  /** Id of this machine in the pairing. */
  readonly id: string
  /** What the other side needs. Secret. */
  readonly phrase?: string
  /** Phrase, relays and id in one text: what the QR code holds. Secret. */
  readonly uri?: string
  readonly relays: readonly string[]
}

/** `stt list`: one for each pairing. */
export interface ListedLine {
  readonly type: 'listed'
  readonly name: string
  readonly id?: string
  readonly peer?: string
  readonly relays: readonly string[]
  readonly addresses: readonly string[]
  readonly created?: string
  readonly lastSeen?: string
  /** Its seed is kept under a passphrase. */
  readonly passphrase: boolean
  /** Why it cannot be used, and what to do. */
  readonly problem?: string
}

export interface ForgottenLine {
  readonly type: 'forgotten'
  readonly name: string
}

/** This side waits for the other one at these addresses. */
export interface ListeningLine {
  readonly type: 'listening'
  readonly name: string
  readonly addresses: readonly string[]
}

/** A session is there, or has moved. */
export interface PathLine {
  readonly type: 'path'
  readonly peer: string
  readonly kind: 'lan' | 'direct' | 'relayed'
  readonly carrier: 'udp' | 'websocket'
  readonly address: string
}

export interface PingLine {
  readonly type: 'ping'
  readonly sequence: number
  readonly rtt: number
  readonly kind: 'lan' | 'direct' | 'relayed'
}

/** Of `stt pipe`: both directions are over. */
export interface EndedLine {
  readonly type: 'ended'
  readonly sent: number
  readonly received: number
}

/** What ended the command. */
export interface ErrorLine {
  readonly type: 'error'
  /** What the process ends with. */
  readonly exitCode: number
  /** A code of `@stt/errors` where it is one. */
  readonly code?: string
  readonly message: string
}
