import { expect, test } from 'vitest'
import { formatInvitation, parseInvitation } from './invitation.ts'

const PEER = 'ab'.repeat(32)
const whole = { phrase: 'MAKE-WITH & = #', relays: ['wss://one.example', 'ws://127.0.0.1:1/?a=b&c'], peer: PEER }

test('an invitation is read as it was made, alone or behind the address of a page', () => {
  for (const page of [undefined, 'https://files.example/drop/?x=1']) {
    const text = formatInvitation(whole, page)
    expect(text.startsWith(page === undefined ? 'stt:#' : `${page}#`)).toBe(true)
    expect(parseInvitation(text)).toEqual(whole)
    // A page has what its address says behind the `#`.
    expect(parseInvitation(text.slice(text.indexOf('#')))).toEqual(whole)
  }
  expect(parseInvitation(formatInvitation({ phrase: 'x', relays: [] }))).toEqual({ phrase: 'x', relays: [], peer: undefined }) // biome-ignore format: one line
})

test('a phrase alone is one, and half an invitation is none', () => {
  expect(parseInvitation('a phrase')).toEqual({ phrase: 'a phrase', relays: [] })
  for (const text of [
    '#',
    '#relay=wss://one.example',
    `#pair=x&peer=${PEER.slice(1)}`,
    `#pair=x&peer=${PEER.toUpperCase()}`,
  ])
    expect(() => parseInvitation(text)).toThrowError(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
})

test('an invitation names no more relays than a node takes', () => {
  const relays = Array.from({ length: 16 }, (_, i) => `wss://r${i}.example`)
  expect(parseInvitation(formatInvitation({ phrase: 'x', relays })).relays).toEqual(relays)
  const crowd = formatInvitation({ phrase: 'x', relays: [...relays, 'wss://one.example'] })
  expect(() => parseInvitation(crowd)).toThrowError(/at most 16 relays, not 17/)
})
