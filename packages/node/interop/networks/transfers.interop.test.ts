import { networksMissing } from '@stt/testing'
import { describe, expect } from 'vitest'
import { scenario } from './lab.ts'
import { oneWay, UDP4, UDP6, WS4, WS6 } from './places.ts'

const MEBIBYTE = 1024 * 1024
const missing = networksMissing()

describe.skipIf(missing)(missing ? `transfers in networks: SKIPPED, ${missing}` : 'transfers in networks', () => {
  scenario.for([UDP4, UDP6, WS4, WS6])('4 MiB each way through a router: %s', async (address, { lab }) => {
    const meeting = await lab.meet(oneWay(lab.network), [address])
    const load = { bytes: 4 * MEBIBYTE }
    await Promise.all([meeting.send('dialer', load).whole(), meeting.send('listener', load).whole()])
    await meeting.ends(address.startsWith('udp:') ? 'udp' : 'websocket')
  })

  scenario('a far listener: packets take 100 ms each way', async ({ lab }) => {
    const places = oneWay(lab.network)
    await places.router.delay(100, 'lan', 'wan')
    const meeting = await lab.meet(places, [UDP4])
    expect(meeting.took).toBeGreaterThan(2 * 200)
    await meeting.send('listener', { bytes: MEBIBYTE }).whole()
    await meeting.ends('udp')
  })

  scenario('16 MiB at 40 Mbit/s with 2 % lost at random, both ways, arrive exactly', async ({ lab }) => {
    const places = oneWay(lab.network)
    for (const host of [places.client, places.server]) host.limitRate('eth0', 40e6)
    const [there, back] = ['lan', 'wan'].map(card =>
      places.router.drop(`iifname "${card}" meta l4proto udp numgen random mod 100 < 2`),
    )
    const meeting = await lab.meet(places, [UDP4])
    await meeting.send('dialer', { bytes: 16 * MEBIBYTE }).whole()
    expect(there!.packets).toBeGreaterThan((0.01 * 16 * MEBIBYTE) / 1_200)
    expect(back!.packets).toBeGreaterThan(0)
    const { packetsLost, bytesResent, maxDatagramSize } = (await meeting.dialer.do('look', {})).statistics!
    expect(packetsLost).toBeGreaterThan(0)
    expect(bytesResent).toBeGreaterThan(0)
    expect(maxDatagramSize).toBeGreaterThan(1_400)
    await meeting.ends('udp')
  })

  // spec: STT-REC-31 STT-REC-32
  scenario.for([
    ['all that Ethernet carries', undefined, 1_452],
    ['1,300 bytes, where larger ones vanish', 'meta l4proto udp meta length > 1328', 1_300],
  ] as const)('probes find %s', async ([_what, match, largest], { lab }) => {
    const places = oneWay(lab.network)
    places.client.limitRate('eth0', 40e6)
    const rule = match && places.router.drop(match)
    const meeting = await lab.meet(places, [UDP4])
    await meeting.send('dialer', { bytes: 4 * MEBIBYTE }).whole()
    const { maxDatagramSize } = (await meeting.dialer.do('look', {})).statistics!
    expect(maxDatagramSize).toBeLessThanOrEqual(largest)
    expect(maxDatagramSize).toBeGreaterThan(largest - 16)
    if (rule) expect(rule.packets).toBeGreaterThan(0)
    await meeting.ends('udp')
  })
})
