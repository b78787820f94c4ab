import { checkInteger, checkOptions, checkSignal, checkType } from '@stt/errors'
import type { UdpDialOptions } from './dial-udp.ts'
import type { UdpListenOptions } from './listen-udp.ts'
import { checkPacketSizes } from './udp-link.ts'

/** Every option of this package's dialing and listening. */
export type UdpOptions = UdpDialOptions & UdpListenOptions

/**
 * Refuses options that cannot work, before a socket is made: names that are not among `known`, values of another type or
 * out of range.
 *
 * @param what whose options, as a person would name them: "udp"
 * @throws SttError `STT_INVALID_ARGUMENT` that names the option
 */
export function checkUdpOptions(options: UdpOptions, what: string, known: readonly (keyof UdpOptions)[]): void {
  checkOptions(options, what, known)
  checkPacketSizes(options)
  checkSignal(options.signal, what)
  const { receiveBufferSize, sendBufferSize, host, port, localHost, localPort } = options
  if (receiveBufferSize !== undefined) checkInteger(receiveBufferSize, 'receiveBufferSize', 1, MOST)
  if (sendBufferSize !== undefined) checkInteger(sendBufferSize, 'sendBufferSize', 1, MOST)
  if (host !== undefined) checkType(host, 'host', 'string')
  if (localHost !== undefined) checkType(localHost, 'localHost', 'string')
  if (port !== undefined) checkInteger(port, 'port', 0, 65_535)
  if (localPort !== undefined) checkInteger(localPort, 'localPort', 0, 65_535)
}

const BUFFER_OPTIONS = ['maxPacketSize', 'probeUpTo', 'receiveBufferSize', 'sendBufferSize'] as const
export const DIAL_OPTIONS: readonly (keyof UdpDialOptions)[] = [...BUFFER_OPTIONS, 'signal', 'localHost', 'localPort']
export const LISTEN_OPTIONS: readonly (keyof UdpListenOptions)[] = [...BUFFER_OPTIONS, 'host', 'port']

/** What the system's call takes; it grants less. */
const MOST = 2 ** 31 - 1
