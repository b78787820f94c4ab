import { printable } from '@stt/errors'
import { Seed } from '@stt/node'
import { relayAuthority } from '@stt/rendezvous'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { askRelay, type RelayAnswer, type RelayToAsk } from '../doctor/ask-relay.ts'
import { askUdp, type UdpAnswer, type UdpEndpoint } from '../doctor/ask-udp.ts'
import { BUDGET } from '../doctor/budget.ts'
import type { Finding } from '../doctor/finding.ts'
import { lanFindings, lookAround } from '../doctor/look-around.ts'
import { meetPeer } from '../doctor/meet-peer.ts'
import { networkFinding, type OwnInterface, ownInterfaces } from '../doctor/own-network.ts'
import { pairingFindings } from '../doctor/pairing-findings.ts'
import { clockFinding, proxyFindings, type RelayFindingsOptions, relayFindings } from '../doctor/relay-findings.ts'
import { udpFindings } from '../doctor/udp-findings.ts'
import { ExitCode } from '../exit-codes.ts'
import type { PairingKeys } from '../home/key-file.ts'
import type { PairingState } from '../home/pairing.ts'

export interface DoctorOptions {
  readonly address: readonly string[]
  readonly relay: readonly string[]
}

/** Finds what keeps machines from reaching each other here, and says what to do. @returns the exit code */
export async function doctor(name: string | undefined, options: DoctorOptions, context: Context): Promise<number> {
  const { output, environment, signal } = context
  if (name === undefined && options.address.length > 0) {
    throw new CliError(
      ExitCode.usage,
      '--address is where the other machine of a pairing is: stt doctor NAME --address URL',
    )
  }
  const pairing = name === undefined ? undefined : await pairingOf(name, context)
  const pairings = pairing ? [] : await context.home.list()
  const known = await relaysToAsk(pairing, pairings, options.relay, context)
  const relays = known.slice(0, MOST_RELAYS)
  if (known.length > MOST_RELAYS) output.note(`the first ${MOST_RELAYS} of ${known.length} relays are asked`)
  // This also bounds the time of a name server that does not answer.
  process.env['RES_OPTIONS'] ??= 'timeout:2 attempts:1'
  const counts = { fine: 0, limited: 0, broken: 0, unknown: 0 }
  const tell = (findings: readonly Finding[]): void => {
    signal.throwIfAborted()
    for (const finding of findings) {
      const { verdict, about, message } = finding
      counts[verdict]++
      output.line({ type: 'finding', ...finding })
      output.result(`${verdict.padEnd(COLUMNS[0])}${about.padEnd(COLUMNS[1])}${printable(message, LONGEST)}`)
    }
  }
  const own = ownInterfaces()
  tell([networkFinding(own), ...pairingFindings(pairings)])
  const lookingAround = lookAround(environment['STT_LAN'], signal)
  // Their errors are handled where they are awaited, below.
  lookingAround.catch(() => {})
  const within = AbortSignal.any([signal, AbortSignal.timeout(BUDGET.relays)])
  const answers = await Promise.all(relays.map(each => askRelay(each, within)))
  tell(proxyFindings(answers, environment))
  tell([...relayFindings(answers, pairing ? about(pairing.state) : {}), clockFinding(answers)])
  const udp = askEachFamily(answers, own, signal)
  const meeting = pairing && meetPeer(pairing.state.name, { addresses: options.address, relays: options.relay, keys: pairing.keys, udp }, context) // biome-ignore format: one line
  meeting?.catch(() => {})
  tell(udpFindings(await udp, own, answers))
  tell(lanFindings(await lookingAround))
  const met = await meeting
  if (met) tell(met.findings)
  output.line({ type: 'examined', ...counts })
  output.note(summary(counts))
  return met?.exitCode ?? (counts.broken > 0 ? ExitCode.failed : ExitCode.ok)
}

const about = ({ name, peer, id, there }: PairingState): RelayFindingsOptions => ({
  name,
  peer,
  self: id,
  nameThere: there,
})

interface Pairing {
  readonly state: PairingState
  readonly keys: PairingKeys
}

async function pairingOf(name: string, { home }: Context): Promise<Pairing> {
  const state = await home.state(name)
  return { state, keys: await home.keys(state) }
}

/** The relays of one pairing or of all, each with the keys of its seed unless a passphrase protects it. */
async function relaysToAsk(
  pairing: Pairing | undefined,
  pairings: Awaited<ReturnType<Context['home']['list']>>,
  given: readonly string[],
  { home }: Context,
): Promise<readonly RelayToAsk[]> {
  const known = new Map<string, RelayToAsk>()
  // Throws for a malformed address of a relay.
  for (const url of given) if (relayAuthority(url) !== '') known.set(url, { url })
  if (pairing) {
    const { access, rendezvous } = rendezvousKeys(pairing.keys)
    for (const url of [...given, ...pairing.state.relays]) known.set(url, { url, access, rendezvous })
  } else {
    for (const { state } of pairings) {
      for (const url of state?.relays ?? []) {
        if (known.get(url)?.access) continue
        if (!state || state.passphrase) known.set(url, { url })
        else known.set(url, { url, access: await accessOf(state, home) })
      }
    }
  }
  return [...known.values()]
}

async function accessOf(state: PairingState, home: Context['home']): Promise<Uint8Array> {
  const keys = await home.keys(state)
  const { access } = rendezvousKeys(keys)
  keys.seed.fill(0)
  keys.identity.fill(0)
  return access
}

function rendezvousKeys({ seed }: PairingKeys): { readonly access: Uint8Array; readonly rendezvous: Uint8Array } {
  const keys = Seed.fromBytes(seed)
  const { access, rendezvous } = keys.deriveRendezvousKeys()
  keys.dispose()
  return { access, rendezvous }
}

/** Asks over each address family that this machine has, if a relay has UDP ports of that family. */
async function askEachFamily(
  answers: readonly RelayAnswer[],
  own: readonly OwnInterface[],
  signal: AbortSignal,
): Promise<readonly UdpAnswer[]> {
  const deviceMtu = (address: string): number | undefined =>
    own.find(({ addresses }) => addresses.includes(address))?.mtu
  const isIPv6 = (address: string): boolean => address.includes(':')
  const all = own.flatMap(({ addresses }) => addresses).filter(address => !/^fe[89ab]/i.test(address))
  const asking = [false, true].map(wantsIPv6 => {
    const ofRelays = answers.flatMap(({ addresses, greeted }): UdpEndpoint[] => {
      const address = addresses.find(each => isIPv6(each) === wantsIPv6)
      return address === undefined ? [] : (greeted?.udpPorts ?? []).map(port => ({ address, port }))
    })
    const isUsable = ofRelays.length > 0 && (all.some(each => isIPv6(each) === wantsIPv6) || ofRelays.some(isLoopback))
    return isUsable ? [askUdp(ofRelays.slice(0, MOST_ENDPOINTS), deviceMtu, signal)] : []
  })
  return Promise.all(asking.flat())
}

const isLoopback = ({ address }: UdpEndpoint): boolean => address.startsWith('127.') || address === '::1'

function summary({ broken, limited, unknown }: Record<Finding['verdict'], number>): string {
  const told = unknown > 0 ? `; ${unknown} could not be told` : ''
  if (broken + limited === 0) return `nothing is in the way${told}`
  return `broken: ${broken}, limited: ${limited}${told}; each line says what to do`
}

const COLUMNS = [9, 10] as const
const LONGEST = 1_000
const MOST_RELAYS = 32
const MOST_ENDPOINTS = 8
