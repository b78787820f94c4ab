import { expect, test } from 'vitest'
import type { LanState } from './lan-place.ts'
import { explainSilence } from './problems.ts'

const state = (name: string, heard: LanState['heard'], answers = true): LanState => ({
  ...{ name, heard, answers, address: '192.168.7.5' },
})

// spec: STT-LAN-9
test.each([
  [[], /no interface/],
  [
    [state('eth0', 'nothing'), state('eth0', 'nothing')],
    /hears nothing on eth0, not even this node: a firewall of this machine/,
  ],
  [
    [state('eth0', 'nothing'), state('wlan0', 'itself')],
    /hears no other machine on eth0, wlan0: .*firewall.*Wi-Fi.*container/,
  ],
  [[state('eth0', 'nothing', false)], /another program holds UDP port 5353 exclusively on eth0/],
  [[state('eth0', 'nothing', false), state('wlan0', 'itself')], /hears no other machine on wlan0:/],
])('%j explains why no node may be found', (states, says) => {
  expect(explainSilence(states)).toMatch(says)
})

test('there is no explanation where others are heard: the node is not there', () => {
  expect(explainSilence([state('eth0', 'nothing'), state('wlan0', 'others')])).toBeUndefined()
  expect(explainSilence([state('eth0', 'others', false)])).toBeUndefined()
})
