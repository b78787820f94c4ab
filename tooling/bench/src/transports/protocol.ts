/** What a transport has to do to be measured: one end listens, the other dials, both in processes of their own. */
export interface Transport {
  /** Listens, answers every request of a dialed end, and says where. */
  serve(): Promise<{ readonly address: string; close(): Promise<void> }>
  dial(address: string): Promise<DialedEnd>
}

export interface DialedEnd {
  /** Sends `bytes` bytes to the server and resolves when the server has said that it has them all. */
  upload(bytes: number): Promise<void>
  /** Has the server send `bytes` bytes and resolves when they are all here. */
  download(bytes: number): Promise<void>
  /** One small request and its answer. */
  ping(): Promise<void>
  /** Opens one more connection to the same server and closes it. */
  connection(): Promise<void>
  /** Opens one more connection to the same server and leaves it open. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** What the parent asks of the process that dialed, and what comes back. */
export type Task =
  | { readonly kind: 'upload' | 'download'; readonly bytes: number }
  | { readonly kind: 'ping'; readonly count: number }
  | { readonly kind: 'handshake'; readonly count: number }

export interface TaskResult {
  readonly milliseconds: number
  /** Of each ping, when pings were asked for. */
  readonly each?: readonly number[]
}

/** Bytes that are handed to a transport at a time. */
export const BLOCK_SIZE = 65_536

/** A request: what to do with which amount. Nine bytes: kind and u64. */
export const RequestKind = { upload: 1, download: 2, ping: 3 } as const
export const REQUEST_SIZE = 9

export function encodeRequest(kind: number, amount: number): Uint8Array {
  const bytes = new Uint8Array(REQUEST_SIZE)
  bytes[0] = kind
  new DataView(bytes.buffer).setBigUint64(1, BigInt(amount))
  return bytes
}

export function decodeRequest(bytes: Uint8Array): { readonly kind: number; readonly amount: number } {
  return { kind: bytes[0]!, amount: Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(1)) }
}
