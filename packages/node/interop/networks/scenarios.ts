import { setTimeout as delay } from 'node:timers/promises'
import type { Host, Rule } from '@stt/testing'
import { expect } from 'vitest'
import type { SessionPath } from '../../src/index.ts'
import { now } from './commands.ts'
import { EVERYWHERE, type Lab, LISTENER } from './lab.ts'
import type { Load, Meeting, Side } from './meeting.ts'
import type { Peer } from './peer.ts'
import * as places from './places.ts'
import { connect, oneWay, twoWays, UDP4, UDP6, WS4, WS6 } from './places.ts'
import type { Figures } from './table.ts'

/** What happens to sessions that move, and how each has to end. What they return was measured, and is judged elsewhere. */

const UDP = 'meta l4proto udp'
const TCP = 'meta l4proto tcp'
/** What comes into the router from the dialer, or from the listener. */
const FROM: Readonly<Record<Side, string>> = { dialer: 'iifname "lan"', listener: 'iifname "wan"' }

/** The carrier dies in the middle of a transfer, in both directions. @param far milliseconds that packets take each way */
export async function udpToWebSocket(lab: Lab, sender: Side, load: Load, far = 0): Promise<Figures> {
  const place = oneWay(lab.network)
  if (far > 0) await place.router.delay(far, 'lan', 'wan')
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('udp')
  return breaks(meeting, sender, load, 'websocket', () => place.router.drop(UDP))
}

/** A network that passes no UDP, and then does. */
export async function webSocketToUdp(lab: Lab, sender: Side, load: Load, far = 0): Promise<Figures> {
  const place = oneWay(lab.network)
  if (far > 0) await place.router.delay(far, 'lan', 'wan')
  const blocked = place.router.drop(UDP)
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('websocket')
  return breaks(meeting, sender, load, 'udp', () => blocked.remove())
}

/** The same while nothing is sent. */
export async function idleUpgrade(lab: Lab): Promise<Figures> {
  const place = oneWay(lab.network)
  const blocked = place.router.drop(UDP)
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('websocket')
  const began = now()
  blocked.remove()
  await meeting.until('udp')
  const moved = meeting.moved(began, 'udp')
  await meeting.ends('udp')
  return { moved }
}

/** UDP and TCP die in turn while streams run both ways. */
export async function flipFlop(lab: Lab, switches: number, streams: number, load: Load): Promise<Figures> {
  const place = oneWay(lab.network)
  const meeting = await lab.meet(place, [UDP4, WS4], { flags: ['--expose-gc'] })
  await meeting.until('udp')
  const each = { bytes: load.bytes / streams, rate: load.rate! / streams }
  const start = (bytes: number) =>
    Array.from({ length: streams }, (_, i) => meeting.send(i % 2 ? 'dialer' : 'listener', { ...each, bytes }))
  let cut: Rule | undefined
  const flip = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      cut?.remove()
      cut = place.router.drop(i % 2 ? TCP : UDP)
      await meeting.until(i % 2 ? 'udp' : 'websocket')
    }
    cut?.remove()
    cut = undefined
  }
  // What the first transfers and moves make once for all, such as compiled code, is there before.
  const first = start(each.bytes / 16)
  await flip(2)
  await Promise.all(first.map(transfer => transfer.whole()))
  const before = await meeting.dialer.do('look', {})
  const transfers = start(each.bytes)
  await flip(switches)
  const stalls = await Promise.all(transfers.map(transfer => transfer.whole()))
  const after = await meeting.dialer.do('look', {})
  const { moves } = meeting
  await meeting.ends(after.path!.kind)
  return { stall: Math.max(...stalls), moves, 'heap %': (100 * after.heap) / before.heap }
}

/** The default route goes from one card to another, and the first card’s address with it. */
export async function wifiToLte(lab: Lab, sender: Side, load: Load): Promise<Figures> {
  const place = twoWays(lab.network)
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('udp')
  return breaks(meeting, sender, load, 'udp', () =>
    place.client.ip(
      ...places.BOTH.map(family => `route delete ${family === 4 ? 'default' : '::/0'}`),
      ...places.defaultRoutes(places.LTE, places.BOTH),
      'address flush dev wlan0',
      'link set wlan0 down',
    ),
  )
}

/** Packets of the active path vanish in one direction. */
export async function blackholeOneWay(
  lab: Lab,
  active: SessionPath['kind'],
  lost: Side,
  sender: Side,
  load: Load,
  standby = 1,
): Promise<Figures> {
  const place = oneWay(lab.network)
  // Where no UDP is, there is a second WebSocket, over the other family.
  const dialed = active === 'udp' ? [UDP4, WS4] : [WS4, WS6]
  const meeting = await lab.meet(place, dialed, { paths: { standby } })
  await meeting.until(active)
  const { path } = await meeting.dialer.do('look', {})
  const match = active === 'udp' ? UDP : `${familyOf(path!)} ${TCP}`
  const broken = (): Rule => place.router.drop(`${FROM[lost]} ${match}`)
  return breaks(meeting, sender, load, 'websocket', broken, ({ remote }) => remote !== path!.remote)
}

/** Large packets of the active path vanish, and small ones pass. */
export async function onlySmallPackets(lab: Lab, sender: Side, load: Load): Promise<Figures> {
  const place = oneWay(lab.network)
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('udp')
  return breaks(meeting, sender, load, 'websocket', () => place.router.drop(`${UDP} meta length > 200`))
}

/** A router that forgets its flows each five seconds, and gives new ports, while the dialer only receives. */
export async function rebinding(lab: Lab, times: number, rate: number): Promise<Figures> {
  const place = oneWay(lab.network)
  place.router.translate('wan', { random: true })
  const meeting = await lab.meet(place, [UDP4])
  const transfer = meeting.send('listener', { bytes: (times + 1) * 5 * rate, rate })
  for (let i = 0; i < times; i++) {
    await transfer.reaches((i + 1) / (times + 1))
    place.router.forgetFlows()
  }
  const stall = await transfer.whole()
  await meeting.ends('udp')
  return { stall }
}

/** A bad network is no dead one: nothing moves. */
export async function lossyProbes(lab: Lab, seconds: number): Promise<Figures> {
  const place = oneWay(lab.network)
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('udp')
  place.router.drop(`${UDP} numgen random mod 100 < 30`)
  const rate = 16_384
  const before = meeting.moves
  const stall = await meeting.send('dialer', { bytes: seconds * rate, rate }).whole()
  const moves = meeting.moves - before
  expect(moves).toBe(0)
  await meeting.ends('udp')
  return { stall, moves }
}

/** An IPv4 network is left for one that has IPv6 alone. */
export async function ipv4ToIpv6(lab: Lab, sender: Side, load: Load): Promise<Figures> {
  const place = oneWay(lab.network, [4])
  const meeting = await lab.meet(place, [UDP4, UDP6, WS4, WS6])
  await meeting.until('udp')
  const change = (): void =>
    place.client.ip(
      `address delete ${places.address(places.LAN, 4, 2)} dev eth0`,
      `address add ${places.address(places.LAN, 6, 2)} dev eth0`,
      ...places.defaultRoutes(places.LAN, [6]),
    )
  return breaks(meeting, sender, load, 'udp', change, ({ remote }) => remote === UDP6)
}

/** An interface comes that all routes lead to, and goes again with its address. */
export async function vpn(lab: Lab, sender: Side, load: Load): Promise<Figures> {
  const place = oneWay(lab.network)
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('udp')
  const transfer = meeting.send(sender, load)
  await transfer.reaches(0.2)
  connect(lab.network, place.client, 'tun0', place.router, 'vpn', places.VPN, [4])
  const gateway = `via ${places.address(places.VPN, 4, 1).split('/')[0]} dev tun0`
  place.client.ip(`route add 0.0.0.0/1 ${gateway}`, `route add 128.0.0.0/1 ${gateway}`)
  const through = place.router.count('iifname "vpn"')
  await transfer.reaches(0.7)
  expect(through.packets).toBeGreaterThan(0)
  const gone = now()
  place.client.ip('link delete tun0')
  const resumed = await transfer.resumed(gone)
  const stall = await transfer.whole()
  await meeting.ends('udp')
  return { stall, resumed }
}

/** The dialer’s computer sleeps in the middle of a transfer, and wakes up at another address. */
export async function sleep(lab: Lab, milliseconds: number, load: Load): Promise<Figures> {
  const place = oneWay(lab.network)
  const meeting = await lab.meet(place, [UDP4, WS4], { paths: { detached: 2 * milliseconds } })
  await meeting.until('udp')
  const transfer = meeting.send('listener', load)
  await transfer.reaches(0.3)
  meeting.dialer.sleep()
  await delay(milliseconds)
  place.client.ip(
    `address delete ${places.address(places.LAN, 4, 2)} dev eth0`,
    `address add ${places.address(places.LAN, 4, 77)} dev eth0`,
    ...places.defaultRoutes(places.LAN, [4]),
  )
  const woken = now()
  meeting.dialer.wake()
  const resumed = await transfer.resumed(woken)
  await transfer.whole()
  await meeting.ends('udp')
  return { resumed }
}

/** Of the addresses some are dead in one way or another, and there is one session over one that is not. */
export async function dialRace(lab: Lab, race: Race): Promise<Figures> {
  const place = oneWay(lab.network)
  const { dialed, lost, kind } = ADDRESSES[race]
  if (lost !== undefined) place.router.drop(lost)
  const meeting = await lab.meet(place, dialed)
  await meeting.send('dialer', { bytes: 65_536 }).whole()
  await meeting.ends(kind)
  return { connected: meeting.took }
}

const ADDRESSES: Readonly<Record<Race, RaceSetup>> = {
  'UDP swallowed': { dialed: [UDP4, WS4], lost: UDP, kind: 'websocket' },
  'WebSocket swallowed': { dialed: [WS4, UDP4], lost: TCP, kind: 'udp' },
  'WebSocket refused': { dialed: ['ws://10.83.2.2:4001', UDP4], kind: 'udp' },
  'IPv6 black hole': { dialed: [UDP6, WS6, UDP4, WS4], lost: 'meta nfproto ipv6', kind: 'udp' },
}

export const RACES = ['UDP swallowed', 'WebSocket swallowed', 'WebSocket refused', 'IPv6 black hole'] as const

type Race = (typeof RACES)[number]

interface RaceSetup {
  readonly dialed: readonly string[]
  /** Which packets vanish. */
  readonly lost?: string
  readonly kind: SessionPath['kind']
}

/** How many packets an idle session costs, of each side. */
export async function quiet(lab: Lab, seconds: number): Promise<Figures> {
  const place = oneWay(lab.network)
  const meeting = await lab.meet(place, [UDP4, WS4])
  await meeting.until('udp')
  // What follows from the dial is over.
  await delay(3_000)
  const [ofDialer, ofListener] = [FROM.dialer, FROM.listener].map(from =>
    place.router.count(`${from} meta l4proto { tcp, udp }`),
  )
  await delay(1_000 * seconds)
  const [dialer, listener] = [ofDialer!.packets, ofListener!.packets].map(packets => (60 * packets) / seconds)
  await meeting.ends('udp')
  return { 'dialer packets/min': dialer, 'listener packets/min': listener }
}

/** A listener that was killed and started again has forgotten the session, and says so as soon as it is asked. */
export async function listenerRestarted(lab: Lab, kind: SessionPath['kind']): Promise<Figures> {
  const place = oneWay(lab.network)
  const { dialer, listener } = await lab.meet(place, [kind === 'udp' ? UDP4 : WS4])
  // It asks: bytes are on their way when the listener dies.
  const sending = endless(dialer)
  await listener.event(({ event }) => event === 'arriving' || undefined)
  listener.kill()
  await listener.exited
  const again = lab.start(place.server)
  await again.do('listen', { addresses: EVERYWHERE, identity: LISTENER })
  const started = now()
  const closed = await dialer.event(event => (event.event === 'closed' ? event : undefined))
  expect(closed.code).toBe('STT_TRUNCATED')
  await expect(sending).rejects.toThrow('STT_TRUNCATED')
  expect((await again.do('look', {})).sessions).toBe(0)
  await goesOn(lab, place.client, again)
  await dialer.close()
  await again.close()
  return { heard: Math.max(0, closed.at - started) }
}

/** Of a dialer that was killed nothing is left, and the next one is served. */
export async function dialerKilled(lab: Lab, kind: SessionPath['kind']): Promise<Figures> {
  const place = oneWay(lab.network)
  const { dialer, listener } = await lab.meet(place, [kind === 'udp' ? UDP4 : WS4], { limits: { idleTimeout: 5_000 } })
  const sending = endless(dialer)
  await listener.event(({ event }) => event === 'arriving' || undefined)
  const killed = now()
  dialer.kill()
  await expect(sending).rejects.toThrow('has ended')
  const closed = await listener.event(event => (event.event === 'closed' ? event : undefined))
  expect(closed.code).toBe('STT_TRUNCATED')
  const { sessions, memoryHeld } = await listener.do('look', {})
  expect({ sessions, memoryHeld }).toEqual({ sessions: 0, memoryHeld: 0 })
  await goesOn(lab, place.client, listener)
  await listener.close()
  return { heard: closed.at - killed }
}

/** Sends until something ends it. */
function endless(sender: Peer): Promise<unknown> {
  const sending = sender.do('send', { transfer: 1, bytes: 2 ** 40, rate: 262_144 })
  // Whoever waits for it gets the error too.
  sending.catch(() => {})
  return sending
}

/** Another dialer is served. */
async function goesOn(lab: Lab, client: Host, listener: Peer): Promise<void> {
  const next = lab.start(client)
  await next.do('connect', { addresses: [UDP4, WS4] })
  expect(await next.do('send', { transfer: 2, bytes: 65_536 })).toMatchObject({ equal: true })
  expect((await listener.do('look', {})).sessions).toBe(1)
  await next.close()
}

/** Something happens when 30 % of a transfer are there: every byte arrives, over a path of the given kind. */
async function breaks(
  meeting: Meeting,
  sender: Side,
  load: Load,
  kind: SessionPath['kind'],
  happen: () => unknown,
  where: (path: SessionPath) => boolean = () => true,
): Promise<Figures> {
  const transfer = meeting.send(sender, load)
  await transfer.reaches(0.3)
  const began = now()
  happen()
  const stall = await transfer.whole()
  await meeting.until(kind, where)
  const moved = meeting.moved(began, kind)
  const { bytesResent } = (await (sender === 'dialer' ? meeting.dialer : meeting.listener).do('look', {})).statistics!
  await meeting.ends(kind)
  return { stall, moved, 'resent %': (100 * bytesResent) / load.bytes }
}

const familyOf = ({ remote }: SessionPath): string => `meta nfproto ${remote.includes('[') ? 'ipv6' : 'ipv4'}`
