import { execFileSync, spawnSync } from 'node:child_process'

/** Two network namespaces of Linux and a cable between them: `10.83.0.1` at the server's end, `10.83.0.2` at the client's. */
export interface Namespaces {
  readonly server: string
  readonly client: string
  /** Limits what a namespace sends to so many bits a second, with a queue of 50 ms. */
  limitRate(namespace: string, bitsPerSecond: number): void
  /** Drops what arrives in a namespace over UDP and matches, in the words of nft. */
  drop(namespace: string, match: string): void
  /** Packets that were dropped so in a namespace. */
  dropped(namespace: string): number
  remove(): void
}

export const SERVER_ADDRESS = '10.83.0.1'

/** Why there can be no namespaces here; `undefined` when there can. */
export function namespacesMissing(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has network namespaces'
  if (process.getuid?.() !== 0) return 'only root may make network namespaces'
  for (const [program, flag] of [
    ['ip', '-V'],
    ['tc', '-V'],
    ['nft', '-v'],
  ] as const) {
    if (spawnSync(program, [flag]).status !== 0) return `${program} is missing (apt-get install iproute2 nftables)`
  }
  const probe = `stt-probe-${process.pid}`
  const { status, stderr } = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' })
  if (status !== 0) return `this system allows none: ${stderr.trim()}`
  run('ip', 'netns', 'delete', probe)
  return undefined
}

export function createNamespaces(): Namespaces {
  const server = `stt-${process.pid}-server`
  const client = `stt-${process.pid}-client`
  const inside = (namespace: string, ...command: string[]): string => run('ip', 'netns', 'exec', namespace, ...command)
  const remove = (): void => {
    for (const namespace of [server, client]) spawnSync('ip', ['netns', 'delete', namespace])
  }
  try {
    for (const namespace of [server, client]) run('ip', 'netns', 'add', namespace)
    run('ip', 'link', 'add', 'card', 'netns', server, 'type', 'veth', 'peer', 'name', 'card', 'netns', client) // biome-ignore format: one line
    for (const [namespace, address] of [
      [server, SERVER_ADDRESS],
      [client, '10.83.0.2'],
    ] as const) {
      inside(namespace, 'ip', 'address', 'add', `${address}/24`, 'dev', 'card')
      inside(namespace, 'ip', 'link', 'set', 'card', 'up')
      inside(namespace, 'nft', 'add', 'table', 'inet', 'stt')
      inside(namespace, 'nft', 'add', 'chain', 'inet', 'stt', 'arriving', '{ type filter hook input priority 0 ; }')
    }
  } catch (error) {
    remove()
    throw error
  }
  return {
    server,
    client,
    limitRate(namespace, bits) {
      inside(namespace, 'tc', 'qdisc', 'add', 'dev', 'card', 'root', 'tbf', 'rate', `${bits}bit`, 'burst', '32kb', 'latency', '50ms') // biome-ignore format: one line
    },
    drop(namespace, match) {
      inside(namespace, 'nft', 'add', 'rule', 'inet', 'stt', 'arriving', `meta l4proto udp ${match} counter drop`)
    },
    dropped(namespace) {
      const listing = inside(namespace, 'nft', 'list', 'chain', 'inet', 'stt', 'arriving')
      return [...listing.matchAll(/counter packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
    },
    remove,
  }
}

const run = (command: string, ...parameters: string[]): string =>
  execFileSync(command, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
