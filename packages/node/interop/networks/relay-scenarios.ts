import { setTimeout as delay } from 'node:timers/promises'
import type { Host } from '@stt/testing'
import { expect } from 'vitest'
import { now } from './commands.ts'
import { internet, relayAt } from './internet.ts'
import type { Lab } from './lab.ts'
import { Meeting } from './meeting.ts'
import type { Peer } from './peer.ts'
import type { Figures } from './table.ts'

/** What happens to sessions at relays, and how each has to end. What they return was measured, and is judged elsewhere. */

const KIBIBYTE = 1_024

interface AtRelays {
  readonly meeting: Meeting
  readonly core: Host
  readonly hosts: readonly Host[]
  /** Processes, in the order of `hosts`. */
  readonly relays: Peer[]
  readonly dialer: Host
  /** Another one dials the listener, and is served. */
  another(): Promise<void>
}

/** Two nodes behind NATs that go by relays alone. */
async function meet(lab: Lab, count: number): Promise<AtRelays> {
  const { core, relays: hosts, sides } = internet(lab.network, ['home', 'home'], { relayCount: count })
  const relays: Peer[] = []
  for (const host of hosts) relays.push(await startRelay(lab, host))
  const setup = { relays: hosts.map((_, i) => relayAt(i)), plainRelays: true, paths: { relay: 'only' } as const }
  const [listener, dialer] = [lab.start(sides[0].host), lab.start(sides[1].host)]
  const { id } = await listener.do('listen', { addresses: [], ...setup })
  const { took } = await dialer.do('connect', { addresses: [], peer: id, ...setup })
  await listener.event(({ event }) => event === 'session' || undefined)
  const another = async (): Promise<void> => {
    const next = lab.start(sides[1].host)
    await next.do('connect', { addresses: [], peer: id, ...setup })
    expect(await next.do('send', { transfer: 99, bytes: 65_536 })).toMatchObject({ equal: true })
    await next.close()
  }
  return { meeting: new Meeting(dialer, listener, took), core, hosts, relays, dialer: sides[1].host, another }
}

async function startRelay(lab: Lab, host: Host): Promise<Peer> {
  const relay = lab.start(host)
  await relay.do('relay', { port: 4_000 })
  return relay
}

/** Which relay the session goes by. */
async function relayOf({ meeting, relays }: AtRelays): Promise<number> {
  const { path } = await meeting.dialer.do('look', {})
  return relays.findIndex((_, i) => path?.remote.startsWith(`relay:${relayAt(i)}`))
}

/** One session, the same as ever, at both sides; others are served; the processes end well. */
async function endsWell({ meeting, another }: AtRelays): Promise<void> {
  for (const peer of [meeting.dialer, meeting.listener]) {
    const { sessions, sessionsOpened, faults, path } = await peer.do('look', {})
    const seen = { sessions, sessionsOpened, faults, relayed: path?.relayed }
    expect(seen).toEqual({ sessions: 1, sessionsOpened: 1, faults: 0, relayed: true })
  }
  await another()
  await meeting.close()
}

/** The only relay is killed and comes back 5 s later: so does the session, and the listener is dialed there again. */
export async function relayRestart(lab: Lab): Promise<Figures> {
  const place = await meet(lab, 1)
  const transfer = place.meeting.send('dialer', { bytes: 2_000 * KIBIBYTE, rate: 250 * KIBIBYTE })
  await transfer.reaches(0.3)
  place.relays[0]!.kill()
  await place.relays[0]!.exited
  await delay(5_000)
  place.relays[0] = await startRelay(lab, place.hosts[0]!)
  const back = now()
  const resumed = await transfer.resumed(back)
  const stall = await transfer.whole()
  await endsWell(place)
  return { resumed, stall }
}

/** Packets from and to the relay that is in use vanish, and nobody is told: another one takes its place. */
export async function relayZombie(lab: Lab, sender: 'dialer' | 'listener'): Promise<Figures> {
  const place = await meet(lab, 2)
  const transfer = place.meeting.send(sender, { bytes: 2_000 * KIBIBYTE, rate: 250 * KIBIBYTE })
  await transfer.reaches(0.3)
  const used = await relayOf(place)
  const began = now()
  for (const way of ['saddr', 'daddr']) place.core.drop(`ip ${way} 198.51.${100 + used}.2`)
  const resumed = await transfer.resumed(began + 500)
  const stall = await transfer.whole()
  expect(await relayOf(place)).toBe(1 - used)
  await endsWell(place)
  return { resumed, stall }
}

/** The relay that is in use is killed: the spare takes over, and no byte is lost. */
export async function homeRelayKilled(lab: Lab, sender: 'dialer' | 'listener'): Promise<Figures> {
  const place = await meet(lab, 2)
  const transfer = place.meeting.send(sender, { bytes: 2_000 * KIBIBYTE, rate: 500 * KIBIBYTE })
  await transfer.reaches(0.3)
  const used = await relayOf(place)
  const killed = now()
  place.relays[used]!.kill()
  const resumed = await transfer.resumed(killed + 100)
  const stall = await transfer.whole()
  expect(await relayOf(place)).toBe(1 - used)
  await endsWell(place)
  return { resumed, stall }
}

/** Pings beside a transfer through a leg of 2 Mbit/s. */
export async function slowLeg(lab: Lab, sender: 'dialer' | 'listener', pings: number): Promise<Figures> {
  const place = await meet(lab, 1)
  place.dialer.limitRate('eth0', 2e6)
  place.core.limitRate('side1', 2e6)
  const idle = await place.meeting.dialer.do('ping', { times: 20, pause: 50 })
  const transfer = place.meeting.send(sender, { bytes: pings * 200 * 250 })
  await transfer.reaches(0.2)
  const { p95 } = await place.meeting.dialer.do('ping', { times: Math.floor(pings / 2), pause: 50 })
  await transfer.whole()
  await endsWell(place)
  return { idle: idle.p95, 'ping p95': p95 }
}
