import { parseAddress } from '../addresses/address.ts'

/**
 * Where others on a local network can dial a node at one address of its machine.
 *
 * @param listened the addresses at which it listens, with their ports
 */
// spec: STT-LAN-4
export function lanPorts(listened: readonly string[], address: string): { readonly udp: number; readonly ws: number } {
  const ports = { udp: 0, ws: 0 }
  for (const text of listened) {
    const { scheme, host, port, path } = parseAddress(text)
    // A certificate is for a name, which is not told here; of a path nothing can be said.
    if (scheme !== 'udp' && (scheme !== 'ws' || path !== '/')) continue
    if (ports[scheme] === 0 && reaches(host, address)) ports[scheme] = port
  }
  return ports
}

function reaches(host: string, address: string): boolean {
  const bare = host.split('%')[0]
  return bare === address || bare === '::' || (bare === '0.0.0.0' && !address.includes(':'))
}
