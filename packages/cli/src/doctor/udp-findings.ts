import { isPrivate } from '../meet/path-kind.ts'
import type { RelayAnswer } from './ask-relay.ts'
import type { UdpAnswer } from './ask-udp.ts'
import { type Finding, findingsAbout, NOTHING_TO_DO } from './finding.ts'
import type { OwnInterface } from './own-network.ts'

/** Findings about UDP for each address family: whether it passes, which NAT there is, and which sizes pass. */
export function udpFindings(
  answers: readonly UdpAnswer[],
  own: readonly OwnInterface[],
  relays: readonly RelayAnswer[],
): readonly Finding[] {
  if (answers.length > 0) {
    return answers.flatMap(answer => [passFinding(answer), natFinding(answer, own), mtuFinding(answer)])
  }
  const why = relays.some(isBehindProxy)
    ? 'relays are reached by a proxy alone, which carries no UDP, so sessions go by them: run stt doctor in a network without a proxy to learn more'
    : 'no relay was reached that tells of UDP: name one with --relay URL'
  const about = ['udp', 'nat', 'mtu'] as const
  return about.map(each => findingsAbout(each)('unknown', `${each}-unknown`, `${UNKNOWN[each]}, as ${why}`))
}

/** Whether only a proxy can look up the relays' names, so that UDP does not reach them. */
const isBehindProxy = ({ proxy, greeted, addresses }: RelayAnswer): boolean =>
  proxy !== undefined && greeted !== undefined && addresses.length === 0

function passFinding({ family, seen, asked }: UdpAnswer): Finding {
  const find = findingsAbout('udp')
  const facts = { subject: `IPv${family}` }
  if (seen) {
    return find('fine', 'udp-passes', `UDP over IPv${family} goes out and comes back: ${NOTHING_TO_DO}`, facts)
  }
  const ports = [...new Set(asked.map(({ port }) => port))].join(' and ')
  // A relay whose ports are closed looks the same.
  const isOne = new Set(asked.map(({ address }) => address)).size === 1
  const doubt = isOne ? ', and name a second relay to see that it is not the one that was asked' : ''
  const message = `UDP over IPv${family} is blocked, so sessions go by WebSocket, and between two networks by a relay: let UDP out in the firewall of this machine or network (to port ${ports} it was tried), or leave it so where slower is good enough${doubt}`
  return find('limited', 'udp-blocked', message, facts)
}

function natFinding({ family, seen, from, mapping }: UdpAnswer, own: readonly OwnInterface[]): Finding {
  const find = findingsAbout('nat')
  const subject = `IPv${family}`
  if (!seen || !from) {
    return find('unknown', 'nat-unknown', `what NAT stands before this machine cannot be told where UDP does not pass: see what is said of udp`, { subject }) // biome-ignore format: one line
  }
  const facts = { subject, address: `${seen.address.includes(':') ? `[${seen.address}]` : seen.address}:${seen.port}` }
  const isOwn = own.some(({ addresses }) => addresses.includes(seen.address)) || seen.address === from.address
  if (mapping === 'edm') {
    const message = `the NAT before this machine takes another port for each destination (symmetric), so sessions with machines behind one like it, or behind a strict one, stay at a relay: forward a UDP port of the router to this machine and name it, stt receive NAME --listen udp://0.0.0.0:PORT, or use another network`
    return find('limited', 'nat-symmetric', message, { ...facts, mapping: 'edm' })
  }
  if (isOwn && isPrivate(seen.address)) {
    const message = `the relay that was asked is in the network of this machine, which says nothing of the way out: name one outside with --relay URL`
    return find('unknown', 'nat-not-asked', message, facts)
  }
  if (isOwn) {
    const message = `no NAT stands before this machine, which others see as ${seen.address}: ${NOTHING_TO_DO}, but where a firewall keeps others out let the UDP port in that is given with --listen`
    return find('fine', 'nat-none', message, { ...facts, mapping: 'none' })
  }
  const what = `the NAT before this machine, which others see as ${seen.address},`
  if (mapping === 'eim') {
    const message = `${what} keeps one port for all destinations, as in most homes, so that sessions which begin at a relay go on directly: ${NOTHING_TO_DO}`
    return find('fine', 'nat-home', message, { ...facts, mapping: 'eim' })
  }
  const message = `${what} keeps its port at one relay, which alone cannot show whether it does so at all: name a second relay with --relay URL to learn it`
  return find('unknown', 'nat-half-known', message, facts)
}

function mtuFinding({ family, mtu }: UdpAnswer): Finding {
  const find = findingsAbout('mtu')
  const subject = `IPv${family}`
  if (mtu === undefined) {
    return find('unknown', 'mtu-unknown', `which sizes pass cannot be told where UDP does not: see what is said of udp`, { subject }) // biome-ignore format: one line
  }
  const facts = { subject, mtu }
  if (mtu === 0 || mtu < SMALLEST[family]) {
    const message = `datagrams of 1,200 bytes are lost on the way, so sessions do not go over UDP: raise the MTU of the tunnel or line on the way to 1,280 at least`
    return find('limited', 'mtu-too-small', message, facts)
  }
  const passing = `packets of ${mtu.toLocaleString('en')} bytes pass`
  if (mtu >= ETHERNET) return find('fine', 'mtu-full', `${passing}, as on an Ethernet: ${NOTHING_TO_DO}`, facts)
  return find('fine', 'mtu-reduced', `${passing} and larger ones do not, as behind a tunnel or a telephone line, and sessions send none: ${NOTHING_TO_DO}`, facts) // biome-ignore format: one line
}

const UNKNOWN = {
  udp: 'whether UDP passes is not known',
  nat: 'what NAT stands before this machine is not known',
  mtu: 'which sizes pass is not known',
} as const
/** The packet size that a session needs before it uses UDP. */
const SMALLEST = { 4: 1_228, 6: 1_248 } as const
const ETHERNET = 1_500
