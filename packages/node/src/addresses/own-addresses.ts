import { isLoopback, parseIpAddress } from '@stt/frame'

/** One address of an interface, as `os.networkInterfaces()` tells it. */
export interface InterfaceAddress {
  readonly address: string
  /** `address/prefix length`; null where the system's netmask makes no sense. */
  readonly cidr: string | null
  /** Whether packets to it never leave the machine. */
  readonly internal: boolean
}

/** The addresses of each interface by its name, as `os.networkInterfaces()` tells them: only of those that are up. */
export type Interfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>

/** An address at which this machine may be reached from elsewhere. */
export interface OwnAddress {
  readonly interfaceName: string
  /** As text. */
  readonly address: string
  /** Its 16 bytes, IPv4 in its mapped form. */
  readonly ip: Uint8Array<ArrayBuffer>
  /** How many bits of `ip` are the same in its whole network: of IPv4 96 more than people write. */
  readonly prefixLength: number
  /** Whether its interface leads through a tunnel: what looks near there may be at the other end of the world. */
  readonly isTunnel: boolean
}

/**
 * The addresses that count of this machine: without loopback and link-local ones, and without the networks that containers
 * and virtual machines have among themselves.
 */
export function ownAddresses(interfaces: Interfaces): OwnAddress[] {
  return Object.entries(interfaces).flatMap(([interfaceName, addresses = []]) => {
    if (isVirtual(interfaceName)) return []
    return addresses.flatMap(each => toOwnAddress(interfaceName, each) ?? [])
  })
}

/** Whether an interface with this name belongs to the networks that containers and virtual machines have among themselves. */
export const isVirtual = (interfaceName: string): boolean => VIRTUAL.test(interfaceName)

/** Whether an interface with this name looks like one end of a tunnel: a VPN, or a dialed line. */
export const isTunnelName = (interfaceName: string): boolean => TUNNEL.test(interfaceName)

/** Whether an address belongs to one link alone: 169.254.0.0/16 and fe80::/10. @param ip 16 bytes */
export function isLinkLocal(ip: Uint8Array): boolean {
  return isWithin(ip, LINK_LOCAL_IPV4) || isWithin(ip, LINK_LOCAL_IPV6)
}

/** Whether an address is in the same network as another. @param ip 16 bytes */
export function isWithin(ip: Uint8Array, network: Pick<OwnAddress, 'ip' | 'prefixLength'>): boolean {
  return ip.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, network.prefixLength - 8 * i))
    return (byte ^ network.ip[i]!) >>> (8 - bits) === 0
  })
}

function toOwnAddress(interfaceName: string, { address, cidr, internal }: InterfaceAddress): OwnAddress | undefined {
  const ip = internal || isLoopback(address) ? undefined : parseIpAddress(address)
  if (!ip || isLinkLocal(ip)) return undefined
  const offset = address.includes(':') ? 0 : IPV4_OFFSET
  const prefixLength = cidr === null ? ALL_BITS : offset + Number(cidr.split('/')[1])
  return { interfaceName, address, ip, prefixLength, isTunnel: isTunnelName(interfaceName) }
}

/** Docker's, libvirt's and VMware's own networks, the ends of containers' cables, and the network of WSL on Windows. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vEthernet \(WSL)/
/** By what the kernels of Linux, macOS and Windows call them, and what VPN programs call theirs. */
const TUNNEL = /^(u?tun|tap|wg|ppp|ipsec|tailscale|zt|zerotier|feth|nordlynx|proton|mullvad|openvpn|cloudflarewarp)/i
const ALL_BITS = 128
/** Bits before an IPv4 address in its mapped form. */
const IPV4_OFFSET = 96
const LINK_LOCAL_IPV4 = { ip: parseIpAddress('169.254.0.0')!, prefixLength: IPV4_OFFSET + 16 }
const LINK_LOCAL_IPV6 = { ip: parseIpAddress('fe80::')!, prefixLength: 10 }
