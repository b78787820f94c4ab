import { checkInteger, checkOptions, checkSignal, checkType, describe, SttError } from '@stt/errors'
import { BASE_PACKET_SIZE, MAX_UDP_PAYLOAD } from './packet-sizes.ts'

/** Options of the socket that dialed and accepted links send through. Sizes are in bytes. */
export interface UdpSocketOptions {
  /** The largest packet to send, from 1,200 to 65,507. Default: 1,200; 61,440 to loopback addresses. */
  readonly maxPacketSize?: number
  /**
   * The largest packet size that probes look for on a path, if that is more than the size it starts with. Default:
   * `maxPacketSize` if given; otherwise 1,452, which fits Ethernet.
   */
  readonly probeUpTo?: number
  /** Kernel buffer for received datagrams. Default: 4 MiB. The system grants less where its limits are lower. */
  readonly receiveBufferSize?: number
  /** Kernel buffer for datagrams to send. Default: 4 MiB. The system grants less where its limits are lower. */
  readonly sendBufferSize?: number
}

/** Options of `dialUdp`. */
export interface UdpDialOptions extends UdpSocketOptions {
  /** Ends the dial; it then rejects with `STT_ABORTED` or `STT_TIMEOUT`. */
  readonly signal?: AbortSignal
  /** Local IP address to send from. Default: the system chooses. */
  readonly localHost?: string
  /** Local port to send from. Default: 0, which takes any free port. */
  readonly localPort?: number
}

/** Options of `listenUdp`. */
export interface UdpListenOptions extends UdpSocketOptions {
  /**
   * IP address or name to listen on: `0.0.0.0` takes every IPv4 address of the machine, `::` every address. Default:
   * `127.0.0.1`, which only this machine reaches.
   */
  readonly host?: string
  /** Port to listen on. Default: 0, which takes any free port. */
  readonly port?: number
}

/** Every option of this package. */
export type UdpOptions = UdpDialOptions & UdpListenOptions

/**
 * Refuses options that cannot work before a socket is made: an unknown name, a value of the wrong type or out of range.
 *
 * @param what the owner of the options, as an error names it: "udp"
 * @param known the names that this owner takes
 * @throws SttError `STT_INVALID_ARGUMENT`, which names the option
 */
export function checkUdpOptions(options: UdpOptions, what: string, known: readonly (keyof UdpOptions)[]): void {
  checkOptions(options, what, known)
  checkPacketSize('maxPacketSize', options.maxPacketSize)
  checkPacketSize('probeUpTo', options.probeUpTo)
  checkSignal(options.signal, what)
  const { receiveBufferSize, sendBufferSize, host, port, localHost, localPort } = options
  if (receiveBufferSize !== undefined) checkInteger(receiveBufferSize, 'receiveBufferSize', 1, MAX_BUFFER_SIZE)
  if (sendBufferSize !== undefined) checkInteger(sendBufferSize, 'sendBufferSize', 1, MAX_BUFFER_SIZE)
  if (host !== undefined) checkType(host, 'host', 'string')
  if (localHost !== undefined) checkType(localHost, 'localHost', 'string')
  if (port !== undefined) checkInteger(port, 'port', 0, 65_535)
  if (localPort !== undefined) checkInteger(localPort, 'localPort', 0, 65_535)
}

const SOCKET_OPTIONS = ['maxPacketSize', 'probeUpTo', 'receiveBufferSize', 'sendBufferSize'] as const
export const DIAL_OPTIONS: readonly (keyof UdpDialOptions)[] = [...SOCKET_OPTIONS, 'signal', 'localHost', 'localPort']
export const LISTEN_OPTIONS: readonly (keyof UdpListenOptions)[] = [...SOCKET_OPTIONS, 'host', 'port']

function checkPacketSize(name: string, size: number | undefined): void {
  if (size === undefined || (Number.isInteger(size) && size >= BASE_PACKET_SIZE && size <= MAX_UDP_PAYLOAD)) return
  const range = `whole bytes from ${BASE_PACKET_SIZE} to ${MAX_UDP_PAYLOAD}`
  throw new SttError('STT_INVALID_ARGUMENT', `${name} is ${describe(size)}: give ${range}`)
}

/** The largest size that the system call takes, in bytes. */
const MAX_BUFFER_SIZE = 2 ** 31 - 1
