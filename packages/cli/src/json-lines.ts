/**
 * What `--json` prints, a line each on stdout (`stt pipe`: on stderr, since stdout is the peer's). Fields are added in later
 * versions, none is taken away or changes its meaning. Ids are 64 hexadecimal digits, times are RFC 3339, sizes are bytes,
 * durations are milliseconds. Controls, and characters that turn the direction of writing or cannot be seen, are written
 * as `\u009b`.
 */
export type JsonLine =
  | PairingLine
  | ListedLine
  | ForgottenLine
  | ListeningLine
  | PathLine
  | PingLine
  | EndedLine
  | FileLine
  | ProgressLine
  | SentLine
  | ReceivedLine
  | BrokenLine
  | ForwardingLine
  | ConnectionLine
  | ForwardedLine
  | RelayingLine
  | ObjectLine
  | StoredLine
  | FetchedLine
  | CheckedLine
  | FindingLine
  | ExaminedLine
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

/** Of `stt send` and `stt receive`: the last that there is to say of a file, or of a folder that was not taken. */
export interface FileLine {
  readonly type: 'file'
  /** As it is on the wire, with `/`: any character may be in it. */
  readonly path: string
  readonly size: number
  /**
   * `sent` and `received`: it is on the receiver's disk; `same`: it was there already; `refused`: the receiver did not take it;
   * `failed`: the sender could not read it; `skipped`: nothing that is sent.
   */
  readonly outcome: 'sent' | 'received' | 'same' | 'refused' | 'failed' | 'skipped'
  readonly reason?: string
}

/** At most each second. */
export interface ProgressLine {
  readonly type: 'progress'
  readonly bytes: number
  readonly total: number
}

/** `stt send` is over: everything was answered. */
export interface SentLine {
  readonly type: 'sent'
  readonly files: number
  readonly same: number
  readonly refused: number
  readonly skipped: number
  readonly bytes: number
}

/** A transfer came to its end at `stt receive`. */
export interface ReceivedLine {
  readonly type: 'received'
  readonly files: number
  readonly same: number
  readonly refused: number
  /** Of all files that are here now. */
  readonly bytes: number
  /** Of file contents that came over the wire in this session. */
  readonly receivedBytes: number
}

/** A session of `stt receive` ended before its transfer did. */
export interface BrokenLine {
  readonly type: 'broken'
  readonly receivedBytes: number
  readonly message: string
}

/** Of `stt forward`: a port of this machine is a target of the other one, now and as long as the command runs. */
export interface ForwardingLine {
  readonly type: 'forwarding'
  /** `127.0.0.1:8080`. */
  readonly local: string
  readonly target: string
}

/** Of `stt forward` and `stt expose`: a connection is over, or did not come to be. */
export interface ConnectionLine {
  readonly type: 'connection'
  /** As it was asked for. */
  readonly target?: string
  /**
   * `ended`: each direction by itself; `reset`: by one of its ends, or with its session; `not-exposed`: the exposing side was
   * not told that it may be reached; `refused`: nothing listens there; `unreachable`: no such name, no way there, or no
   * answer in time; `broken`: the other side did not keep to the protocol, or left before it had asked.
   */
  readonly outcome: 'ended' | 'reset' | 'not-exposed' | 'refused' | 'unreachable' | 'broken'
  /** Bytes from this machine to the other one. */
  readonly sent: number
  readonly received: number
  readonly reason?: string
}

/** The last line of `stt forward` and of `stt expose`, when they are told to end. */
export interface ForwardedLine {
  readonly type: 'forwarded'
  readonly connections: number
  /** Asked for what was not exposed. */
  readonly refused: number
  readonly failed: number
  readonly sent: number
  readonly received: number
}

/** `stt relay` listens. */
export interface RelayingLine {
  readonly type: 'relaying'
  readonly url: string
  /** Zeros where there are none. */
  readonly udpPorts: readonly [number, number]
}

/** Of `stt chamber`: what became of one key. */
export interface ObjectLine {
  readonly type: 'object'
  /** Any character may be in it. */
  readonly key: string
  readonly size: number
  /** Of `stt chamber list`: when it was stored last. */
  readonly modified?: string
  /** `damaged`: it is not what was stored; `failed`: it could not be read, written, or is not there; `skipped`: no file. */
  readonly outcome: 'stored' | 'fetched' | 'listed' | 'deleted' | 'damaged' | 'failed' | 'skipped'
  readonly reason?: string
}

/** The end of `stt chamber put`. */
export interface StoredLine {
  readonly type: 'stored'
  readonly objects: number
  readonly bytes: number
  readonly failed: number
}

/** The end of `stt chamber get`. */
export interface FetchedLine {
  readonly type: 'fetched'
  readonly objects: number
  readonly bytes: number
  readonly failed: number
}

/** The end of `stt chamber check`. */
export interface CheckedLine {
  readonly type: 'checked'
  readonly objects: number
  /** That were read and proved. */
  readonly bytes: number
  readonly damaged: number
}

/** Of `stt doctor`: one thing that it looked at. */
export interface FindingLine {
  readonly type: 'finding'
  readonly about:
    | 'network'
    | 'proxy'
    | 'relay'
    | 'registry'
    | 'clock'
    | 'udp'
    | 'nat'
    | 'mtu'
    | 'lan'
    /** The other machine of the pairing. */
    | 'peer'
    /** A way to it beside the one that is used. */
    | 'path'
  /** `limited`: it works less well than it could; `unknown`: it could not be told. */
  readonly verdict: 'fine' | 'limited' | 'broken' | 'unknown'
  /** What was found, by a name that stays as it is: `udp-blocked`, `nat-symmetric`. The README lists them. */
  readonly code: string
  /** One sentence for people, which says what to do. Its words may change. */
  readonly message: string
  /** The relay, proxy, interface, pairing or family of addresses that it is about. */
  readonly subject?: string
  readonly rtt?: number
  /** Of the clock: how far it is ahead of that of the relay. */
  readonly ahead?: number
  /** Of the NAT: how others see this machine; of a path: where it leads. */
  readonly address?: string
  /** How the NAT chooses its port: one for all destinations, another for each. */
  readonly mapping?: 'none' | 'eim' | 'edm'
  /** Of a whole packet, headers included, that passes; 0 where the smallest that a session needs did not. */
  readonly mtu?: number
  readonly kind?: 'lan' | 'direct' | 'relayed'
}

/** The last line of `stt doctor`: how many findings of each verdict there were. */
export interface ExaminedLine {
  readonly type: 'examined'
  readonly fine: number
  readonly limited: number
  readonly broken: number
  readonly unknown: number
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
