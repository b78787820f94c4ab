import { SttError } from '@stt/errors'
import type { LanInterface } from './lan-interfaces.ts'
import type { LanState } from './lan-place.ts'

/** Another program holds the mDNS port exclusively. */
export function portTaken({ name }: LanInterface): SttError {
  const message = `another program holds UDP port 5353 exclusively, so this node finds others on ${name} but they do not find it. End that program, or let it share the port`
  return new SttError('STT_ADDRESS_IN_USE', message)
}

/** An interface has no multicast. */
export function notWorking({ name, address }: LanInterface, cause: unknown): SttError {
  const message = `mDNS does not work on ${name} (${address}) now and is tried again. ${HELP[process.platform] ?? ''}`
  return new SttError('STT_LISTEN_FAILED', message.trim(), { cause })
}

/** A node's own packets to the group do not come back to it, as they should. */
export function hearsNothing({ name, address }: LanInterface): SttError {
  const message = `mDNS hears nothing on ${name} (${address}), not even this node: ${FIREWALL}`
  return new SttError('STT_LISTEN_FAILED', message)
}

/** The likely reason why no node was found on the local network, with what to do; undefined if packets of others arrived. */
export function explainSilence(states: readonly LanState[]): string | undefined {
  const where = (all: readonly LanState[]): string => [...new Set(all.map(({ name }) => name))].join(', ')
  if (states.length === 0) return 'no interface of this machine can be used for mDNS'
  const open = states.filter(({ answers }) => answers)
  if (states.some(({ heard }) => heard === 'others')) return undefined
  if (open.length === 0)
    return `another program holds UDP port 5353 exclusively on ${where(states)}, so this node hears only answers that are sent to it alone`
  if (open.every(({ heard }) => heard === 'nothing'))
    return `mDNS hears nothing on ${where(open)}, not even this node: ${FIREWALL}`
  return `mDNS hears no other machine on ${where(open)}: none is there, or multicast is blocked by a firewall, by a Wi-Fi that separates its clients, or by a container's own network. ${HELP[process.platform] ?? ''}`.trim()
}

const FIREWALL = 'a firewall of this machine blocks UDP port 5353; allow it'

const HELP: Readonly<Record<string, string>> = {
  darwin:
    'On macOS a program needs the permission for the local network: System Settings, Privacy & Security, Local Network',
}
