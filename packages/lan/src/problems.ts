import { SttError } from '@stt/errors'
import type { LanInterface } from './lan-interfaces.ts'
import type { LanState } from './lan-place.ts'

/** Another program has the port of mDNS for itself. */
export function portTaken({ name }: LanInterface): SttError {
  const message = `another program has UDP port 5353 for itself, so others do not find this node on ${name}; it finds them. End that program, or let it share the port`
  return new SttError('STT_ADDRESS_IN_USE', message)
}

/** An interface takes no groups. */
export function notWorking({ name, address }: LanInterface, cause: unknown): SttError {
  const message = `mDNS does not work on ${name} (${address}) now, and is tried again. ${HELP[process.platform] ?? ''}`
  return new SttError('STT_LISTEN_FAILED', message.trim(), { cause })
}

/** What a node says to the group does not come back to itself, as it has to. */
export function hearsNothing({ name, address }: LanInterface): SttError {
  const message = `mDNS hears nothing on ${name} (${address}), not even this node: ${FIREWALL}`
  return new SttError('STT_LISTEN_FAILED', message)
}

/** Why it may be that nobody was found on the local network, in words that say what to do; undefined where others were heard. */
export function explainSilence(states: readonly LanState[]): string | undefined {
  const where = (all: readonly LanState[]): string => [...new Set(all.map(({ name }) => name))].join(', ')
  if (states.length === 0) return 'no interface of this machine can be used for mDNS'
  const open = states.filter(({ answers }) => answers)
  if (states.some(({ heard }) => heard === 'others')) return undefined
  if (open.length === 0)
    return `another program has UDP port 5353 for itself on ${where(states)}, so only what is answered to this node alone is heard`
  if (open.every(({ heard }) => heard === 'nothing'))
    return `mDNS hears nothing on ${where(open)}, not even this node: ${FIREWALL}`
  return `mDNS hears nobody else on ${where(open)}: nobody is there, or a firewall, a Wi-Fi that keeps its clients apart, or a container's own network lets no multicast through. ${HELP[process.platform] ?? ''}`.trim()
}

const FIREWALL = 'a firewall of this machine keeps back UDP port 5353; let it in'

const HELP: Readonly<Record<string, string>> = {
  darwin:
    'On macOS a program needs the permission for the local network: System Settings, Privacy & Security, Local Network',
}
