import { networkInterfaces } from 'node:os'
import { randomBytes } from '@stt/crypto'
import { startLan } from '@stt/lan'

/** What this system calls it. */
export const loopbackName: string | undefined = Object.entries(networkInterfaces()).find(([, all]) =>
  all?.some(each => each.internal && each.family === 'IPv4'),
)?.[0]

/** The option `discovery` for mDNS on the loopback interface, where nothing leaves this machine; undefined where that has none. */
export const loopbackLan: { readonly lan: { readonly interfaces: readonly string[] } } | undefined =
  loopbackName !== undefined && (await hears(loopbackName)) ? { lan: { interfaces: [loopbackName] } } : undefined

async function hears(wanted: string): Promise<boolean> {
  const nothing = (): void => {}
  const rest = { entropy: randomBytes, onSeen: nothing, onGone: nothing, onProblem: nothing }
  const lan = startLan({
    id: randomBytes(32),
    keys: () => [],
    ports: () => ({ udp: 0, ws: 0 }),
    isUsed: each => each === wanted,
    ...rest,
  })
  for (let i = 0; i < 1_000 && lan.interfaces.length === 0; i++) await new Promise(setImmediate)
  const answers = lan.interfaces.some(each => each.answers)
  await lan.close()
  return answers
}
