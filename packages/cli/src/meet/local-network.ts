import { networkInterfaces } from 'node:os'
import type { LanWish } from '@stt/node'
import { hasCode } from '../cli-error.ts'

/** The local network, as a place to find the other machine in. */
export interface LocalNetwork {
  /** Value for `discovery.lan` of a node. */
  readonly wish: LanWish | false
  /** Problems with the local network, as sentences; more may come while a command runs. */
  readonly problems: readonly string[]
}

/**
 * mDNS, by an optional package that is loaded when it is used. Commands work without it, by addresses and relays.
 *
 * @param setting value of `STT_LAN`: names of interfaces, `none`, or undefined for all of them
 */
export async function localNetwork(setting: string | undefined): Promise<LocalNetwork> {
  const problems: string[] = []
  if (setting === 'none') return { wish: false, problems: ['STT_LAN is none'] }
  const names = setting?.split(',').filter(name => name !== '') ?? []
  problems.push(...missingInterfaces(names))
  const interfaces = names.length > 0 ? { interfaces: names } : {}
  try {
    const { startLan } = await import('@stt/lan')
    const onProblem = ({ message }: Error): void => void problems.push(message)
    return { wish: { ...interfaces, startLan: options => startLan({ ...options, onProblem }) }, problems }
  } catch (cause) {
    if (!hasCode(cause, 'ERR_MODULE_NOT_FOUND')) throw cause
    problems.push('it needs the package @stt/lan: npm install @stt/lan')
    return { wish: false, problems }
  }
}

/** Reports named interfaces that are missing, and may come while a command waits. */
function missingInterfaces(names: readonly string[]): string[] {
  const there = Object.keys(networkInterfaces())
  return names
    .filter(name => !there.includes(name))
    .map(name => `STT_LAN names ${name}, which is not there now: there are ${there.join(', ')}`)
}
