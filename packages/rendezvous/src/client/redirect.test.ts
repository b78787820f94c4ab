import { expect, test } from 'vitest'
import { isAllowedRedirect } from './redirect.ts'

const from = 'wss://relay.example/a'
const configured = ['wss://relay.example/a', 'wss://other.example:4433/', 'ws://127.0.0.1:80']

// spec: STT-RLY-23
test.each(['wss://relay.example:8443/b', 'wss://RELAY.example', 'wss://other.example:4433'])('%s is followed', to => {
  expect(isAllowedRedirect(from, to, configured)).toBe(true)
})

// spec: STT-RLY-23
test.each([
  'ws://relay.example/a',
  'wss://other.example',
  'wss://relay.example.evil',
  'wss://127.0.0.1/',
  'wss://169.254.169.254/',
  'ws://127.0.0.1:80',
  'https://relay.example/',
  'wss://user@relay.example/',
  'relay.example',
  '',
])('%j is not', to => {
  expect(isAllowedRedirect(from, to, configured)).toBe(false)
})
