/**
 * A line that `--json` prints on stdout (`stt pipe`: on stderr, because stdout carries the peer's data). Later versions may add
 * fields, but do not remove any or change its meaning. Ids are 64 hexadecimal digits, times are RFC 3339, sizes are bytes, durations
 * are milliseconds. Control characters, invisible ones and those that turn the direction of writing are escaped, as in `\u009b`.
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
  /** Name of the pairing on this machine. */
  readonly name: string
  /** Id of this machine in the pairing. */
  readonly id: string
  /** The words that the other machine needs. Secret. */
  readonly phrase?: string
  /** Phrase, relays and id in one text, as in the QR code. Secret. */
  readonly uri?: string
  /** URLs of the pairing's relays. */
  readonly relays: readonly string[]
}

/** `stt list` shows a pairing. */
export interface ListedLine {
  readonly type: 'listed'
  /** Name of the pairing on this machine. */
  readonly name: string
  /** Id of this machine; missing if the pairing is damaged. */
  readonly id?: string
  /** Id of the other machine, once it is known. */
  readonly peer?: string
  /** URLs of the pairing's relays. */
  readonly relays: readonly string[]
  /** Addresses at which the other machine was reached. */
  readonly addresses: readonly string[]
  /** When the pairing was made. */
  readonly created?: string
  /** When the other machine was last connected. */
  readonly lastSeen?: string
  /** Whether a passphrase protects the seed. */
  readonly passphrase: boolean
  /** Why the pairing cannot be used, and what to do. */
  readonly problem?: string
}

/** `stt forget` removed a pairing. */
export interface ForgottenLine {
  readonly type: 'forgotten'
  /** Name of the pairing. */
  readonly name: string
}

/** The command listens for the other machine at these addresses. */
export interface ListeningLine {
  readonly type: 'listening'
  /** Name of the pairing. */
  readonly name: string
  /** Addresses at which this machine listens. */
  readonly addresses: readonly string[]
}

/** A session began, or moved to another path. */
export interface PathLine {
  readonly type: 'path'
  /** Id of the other machine. */
  readonly peer: string
  /** Whether the path stays in the local network, or goes through a relay. */
  readonly kind: 'lan' | 'direct' | 'relayed'
  /** Transport of the packets. */
  readonly carrier: 'udp' | 'websocket'
  /** Address of the other machine, or URL of the relay. */
  readonly address: string
}

/** `stt ping` measured a round trip. */
export interface PingLine {
  readonly type: 'ping'
  /** Counts from 1. */
  readonly sequence: number
  /** The round trip, in milliseconds. */
  readonly rtt: number
  /** The kind of path that it took. */
  readonly kind: 'lan' | 'direct' | 'relayed'
}

/** Both directions of `stt pipe` have ended. */
export interface EndedLine {
  readonly type: 'ended'
  /** Bytes from this machine to the other one. */
  readonly sent: number
  /** Bytes from the other machine to this one. */
  readonly received: number
}

/** `stt send` and `stt receive` print the final outcome for a file, or for a folder that was refused. */
export interface FileLine {
  readonly type: 'file'
  /** Path as on the wire, with `/`. It may contain any character. */
  readonly path: string
  /** Bytes of the file. */
  readonly size: number
  /**
   * `sent` and `received`: the file is on the receiver's disk; `same`: it was there already; `refused`: the receiver did not take it;
   * `failed`: the sender could not read it; `skipped`: it is of a kind that is not sent.
   */
  readonly outcome: 'sent' | 'received' | 'same' | 'refused' | 'failed' | 'skipped'
  /** Why the file was refused, failed or skipped. */
  readonly reason?: string
}

/** Progress of a transfer, at most once a second. */
export interface ProgressLine {
  readonly type: 'progress'
  /** Bytes that the receiver has. */
  readonly bytes: number
  /** Bytes of all files. */
  readonly total: number
}

/** `stt send` has ended, and the receiver has answered for each file. */
export interface SentLine {
  readonly type: 'sent'
  /** Files that were sent. */
  readonly files: number
  /** Files that the receiver had already. */
  readonly same: number
  /** Files that the receiver refused or that could not be read. */
  readonly refused: number
  /** Files of a kind that is not sent. */
  readonly skipped: number
  /** Bytes of all files, whether they were sent or not. */
  readonly bytes: number
}

/** A transfer at `stt receive` has ended. */
export interface ReceivedLine {
  readonly type: 'received'
  /** Files that were received. */
  readonly files: number
  /** Files that were here already. */
  readonly same: number
  /** Files that were refused. */
  readonly refused: number
  /** Bytes of all files that are here now, including `same`. */
  readonly bytes: number
  /** Bytes of file contents that came over the wire in this session. */
  readonly receivedBytes: number
}

/** A session of `stt receive` ended before its transfer. */
export interface BrokenLine {
  readonly type: 'broken'
  /** Bytes of file contents that came over the wire in this session. */
  readonly receivedBytes: number
  /** Why the session ended. */
  readonly message: string
}

/** `stt forward` listens at a port of this machine for a target of the other one. It comes again when the target was away. */
export interface ForwardingLine {
  readonly type: 'forwarding'
  /** Address at which this machine listens, such as `127.0.0.1:8080`. */
  readonly local: string
  /** Target at the other machine, such as `localhost:80`. */
  readonly target: string
}

/** A connection of `stt forward` or `stt expose` has ended or failed. */
export interface ConnectionLine {
  readonly type: 'connection'
  /** Target as the client named it. */
  readonly target?: string
  /**
   * `ended`: each direction by itself; `reset`: by one of its ends, or with its session; `not-exposed`: the exposing side does not
   * allow this target, which `stt forward` also says after it asked, before any client came; `refused`: no program listens there; `unreachable`: the name is unknown, or there is no route or no answer in
   * time; `broken`: the other side broke the protocol, or left before it had asked.
   */
  readonly outcome: 'ended' | 'reset' | 'not-exposed' | 'refused' | 'unreachable' | 'broken'
  /** Bytes from this machine to the other one. */
  readonly sent: number
  /** Bytes from the other machine to this one. */
  readonly received: number
  /** Why the connection failed. */
  readonly reason?: string
}

/** The last line of `stt forward` and `stt expose`, after a signal. */
export interface ForwardedLine {
  readonly type: 'forwarded'
  /** All connections. */
  readonly connections: number
  /** Connections to a target that is not exposed. */
  readonly refused: number
  /** Connections that failed otherwise. */
  readonly failed: number
  /** Bytes from this machine to the other one. */
  readonly sent: number
  /** Bytes from the other machine to this one. */
  readonly received: number
}

/** `stt relay` listens. */
export interface RelayingLine {
  readonly type: 'relaying'
  /** URL at which it listens. */
  readonly url: string
  /** UDP ports that tell clients their address; zeros if there are none. */
  readonly udpPorts: readonly [number, number]
}

/** The outcome of `stt chamber` for one key. */
export interface ObjectLine {
  readonly type: 'object'
  /** The key, which may contain any character. */
  readonly key: string
  /** Bytes of the object. */
  readonly size: number
  /** When the object was stored last; only of `stt chamber list`. */
  readonly modified?: string
  /** `damaged`: the content is not what was stored; `failed`: it is missing, or could not be read or written; `skipped`: not a file. */
  readonly outcome: 'stored' | 'fetched' | 'listed' | 'deleted' | 'damaged' | 'failed' | 'skipped'
  /** Why the object is damaged, failed or was skipped. */
  readonly reason?: string
}

/** `stt chamber put` has ended. */
export interface StoredLine {
  readonly type: 'stored'
  /** Objects that were stored. */
  readonly objects: number
  /** Bytes of these objects. */
  readonly bytes: number
  /** Files that could not be read. */
  readonly failed: number
}

/** `stt chamber get` has ended. */
export interface FetchedLine {
  readonly type: 'fetched'
  /** Objects that were written to files. */
  readonly objects: number
  /** Bytes of these objects. */
  readonly bytes: number
  /** Objects that are missing or damaged, or could not be written. */
  readonly failed: number
}

/** `stt chamber check` has ended. */
export interface CheckedLine {
  readonly type: 'checked'
  /** Objects that were read. */
  readonly objects: number
  /** Bytes that were read and verified. */
  readonly bytes: number
  /** Objects that are damaged. */
  readonly damaged: number
}

/** A finding of `stt doctor`. */
export interface FindingLine {
  readonly type: 'finding'
  /** The part of the way between the machines. */
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
    /** Another path to that machine than the one in use. */
    | 'path'
  /** `limited`: it works less well than it could; `unknown`: `stt doctor` could not find out. */
  readonly verdict: 'fine' | 'limited' | 'broken' | 'unknown'
  /** A fixed name of the finding: `udp-blocked`, `nat-symmetric`. The README lists them. */
  readonly code: string
  /** A sentence that says what to do. Its words may change. */
  readonly message: string
  /** The relay, proxy, interface, pairing or address family that the finding is about. */
  readonly subject?: string
  /** Round trip, in milliseconds. */
  readonly rtt?: number
  /** Milliseconds by which this machine's clock is ahead of the clock of the relay. */
  readonly ahead?: number
  /** For `nat`: this machine's address as others see it. For `path`: where it leads. */
  readonly address?: string
  /** How the NAT chooses its port: no NAT, one port for all destinations (`eim`), or one for each (`edm`). */
  readonly mapping?: 'none' | 'eim' | 'edm'
  /** Largest packet that passes, with its headers; 0 if even the smallest that a session needs does not. */
  readonly mtu?: number
  /** The kind of path to the other machine. */
  readonly kind?: 'lan' | 'direct' | 'relayed'
}

/** The last line of `stt doctor`. */
export interface ExaminedLine {
  readonly type: 'examined'
  /** Findings with the verdict `fine`. */
  readonly fine: number
  /** Findings with the verdict `limited`. */
  readonly limited: number
  /** Findings with the verdict `broken`. */
  readonly broken: number
  /** Findings with the verdict `unknown`. */
  readonly unknown: number
}

/** The error that ended the command. */
export interface ErrorLine {
  readonly type: 'error'
  /** Exit code of the process. */
  readonly exitCode: number
  /** Code of `@stt/errors`, if it has one. */
  readonly code?: string
  /** One sentence: what happened, and what to do. */
  readonly message: string
}
