import { spawnSync } from 'node:child_process'
import { Network } from './network.ts'

/** Why there can be no networks of namespaces here; `undefined` when there can. */
export function networksMissing(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has network namespaces'
  if (process.getuid?.() !== 0) return 'only root may make network namespaces'
  const missing = PROGRAMS.filter(([program, flag]) => spawnSync(program, [flag]).status !== 0)
  if (missing.length > 0) {
    const packages = missing.map(([, , name]) => name)
    return `not installed: apt-get install ${[...new Set(packages)].join(' ')}`
  }
  try {
    const network = new Network()
    try {
      network.host('probe').nft('table inet probe { }')
    } finally {
      network.remove()
    }
  } catch (error) {
    return `this system allows none: ${(error as Error).message.trim()}`
  }
  return undefined
}

const PROGRAMS = [
  ['ip', '-V', 'iproute2'],
  ['tc', '-V', 'iproute2'],
  ['nft', '-v', 'nftables'],
  ['conntrack', '-V', 'conntrack'],
  ['python3', '-V', 'python3'],
] as const
