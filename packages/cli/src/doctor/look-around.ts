import { setTimeout as delay } from 'node:timers/promises'
import { type LanState, Seed, STTNode } from '@stt/node'
import { localNetwork } from '../meet/local-network.ts'
import { BUDGET } from './budget.ts'
import { type Finding, findingsAbout, NOTHING_TO_DO } from './finding.ts'

/** The outcome of listening on the local network. */
export interface LanAnswer {
  /** Whether `stt` uses the local network. */
  readonly isUsed: boolean
  readonly interfaces: readonly LanState[]
  /** Why it does not work or is not used, in sentences that say what to do. */
  readonly problems: readonly string[]
}

/**
 * Listens on the local network and asks there for the machines of a random seed, which has none. Announces no address of this
 * machine.
 *
 * @param setting value of `STT_LAN`
 */
export async function lookAround(setting: string | undefined, signal: AbortSignal): Promise<LanAnswer> {
  const { wish, problems } = await localNetwork(setting)
  if (!wish) return { isUsed: false, interfaces: [], problems }
  const node = await STTNode.create({ seed: Seed.generate(), discovery: { lan: wish } })
  try {
    const looking = node.peers()[Symbol.asyncIterator]().next()
    // The iteration ends when the node closes.
    looking.catch(() => {})
    await delay(BUDGET.localNetwork, undefined, { signal }).catch(() => {})
    return { isUsed: true, interfaces: node.lan, problems }
  } finally {
    await node.close()
  }
}

export function lanFindings({ isUsed, interfaces, problems }: LanAnswer): readonly Finding[] {
  const find = findingsAbout('lan')
  if (!isUsed) {
    const message = `machines are not looked for on the local network: ${problems.join('; ')}`
    return [find('unknown', 'lan-unused', message)]
  }
  const troubled = problems.map(problem => find('limited', 'lan-troubled', problem))
  if (interfaces.length === 0 && troubled.length === 0) {
    const message = 'no interface of this machine can be used for mDNS: join a network, or name an interface in STT_LAN'
    return [find('broken', 'lan-missing', message)]
  }
  const byName = new Map<string, LanState[]>()
  for (const each of interfaces) byName.set(each.name, [...(byName.get(each.name) ?? []), each])
  return [...[...byName].map(([name, states]) => interfaceFinding(name, states)), ...troubled]
}

/** The finding about one interface. It is enough if one of its addresses works. */
function interfaceFinding(name: string, states: readonly LanState[]): Finding {
  const find = findingsAbout('lan')
  const has = (heard: LanState['heard']): boolean => states.some(state => state.heard === heard)
  const facts = { subject: name }
  if (!states.some(({ answers }) => answers)) {
    const message = `another program has UDP port 5353 for itself on ${name}, so that others do not find this machine: end that program, or let it share the port`
    return find('limited', 'lan-port-taken', message, facts)
  }
  if (has('others')) return find('fine', 'lan-heard', `others are heard on ${name}: ${NOTHING_TO_DO}`, facts)
  if (has('itself')) {
    const message = `mDNS works on ${name} and hears no other machine: if another one runs stt there, see that no firewall keeps back UDP port 5353 and that the Wi-Fi does not keep its clients apart`
    return find('unknown', 'lan-alone', message, facts)
  }
  const message = `mDNS hears nothing on ${name}, not even this machine: let UDP port 5353 through its firewall`
  return find('broken', 'lan-deaf', message, facts)
}
