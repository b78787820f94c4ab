import type { Address } from '../addresses/address.ts'
import type { OutgoingLink } from './outgoing-link.ts'

/** Opens links to addresses. */
export interface Dialer {
  /**
   * The IP addresses of a host name, in the order to try them, or the name itself where something between looks it up;
   * undefined where the platform looks names up itself.
   *
   * Rejects with `STT_CONNECT_FAILED`.
   *
   * @param onMore is told of those that are found later: one kind of address may take seconds
   */
  readonly resolve?:
    | ((host: string, onMore: (ips: readonly string[]) => void, address: Address) => Promise<readonly string[]>)
    | undefined
  /**
   * @param address has an IP address in place of the name, where `resolve` gives some
   * @throws SttError `STT_BAD_ADDRESS` for a scheme that this platform cannot dial
   */
  openLink(text: string, address: Address, signal: AbortSignal | undefined): Promise<OutgoingLink>
  /** How good a way to an address is, one of `Tier`. `host` is an IP address, where names are looked up here. */
  tierOf(address: Address): number
}
