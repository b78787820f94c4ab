import { networkInterfaces } from 'node:os'
import { parseIpAddress } from '@stt/frame'

/** One address of an interface that mDNS uses. */
export interface LanInterface {
  /** Name of the interface: `eth0`. */
  readonly name: string
  /** IP version of the address. */
  readonly family: 4 | 6
  /** IP address without a zone. */
  readonly address: string
  /** Bits of the network in the address. */
  readonly prefixLength: number
  /** Zone of the interface in an IPv6 address: its name, or on Windows its number. */
  readonly zone: string
}

/**
 * One IPv4 address and one link-local IPv6 address of each interface that is up.
 *
 * @param isUsed whether to use an interface, by its name and whether it is internal to this machine
 */
// spec: STT-LAN-4
export function lanInterfaces(isUsed: (name: string, isInternal: boolean) => boolean): readonly LanInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const used = addresses.filter(({ internal }) => isUsed(name, internal))
    const ipv4 = used.find(({ family }) => family === 'IPv4')
    const ipv6 = used.find(({ family, address }) => family === 'IPv6' && /^fe80:/i.test(address))
    return [ipv4, ipv6].flatMap((found): LanInterface[] => {
      if (!found?.cidr) return []
      const zone = process.platform === 'win32' && found.family === 'IPv6' ? String(found.scopeid) : name
      const prefixLength = Number(found.cidr.split('/')[1])
      return [{ name, family: found.family === 'IPv4' ? 4 : 6, address: found.address, prefixLength, zone }]
    })
  })
}

/** Whether a packet came from the network of this interface. A socket may also receive packets of other interfaces. */
// spec: STT-LAN-7
export function isFrom({ address, family, prefixLength, zone }: LanInterface, source: string): boolean {
  const [host = '', from] = source.split('%')
  if (family === 6 && (from !== zone || !/^fe80:/i.test(host))) return false
  const [mine, theirs] = [parseIpAddress(address), parseIpAddress(host)]
  if (!mine || !theirs) return false
  const bits = family === 4 ? 96 + prefixLength : prefixLength
  return mine.every((byte, i) => {
    const same = Math.min(8, Math.max(0, bits - 8 * i))
    return (byte ^ theirs[i]!) >>> (8 - same) === 0
  })
}
