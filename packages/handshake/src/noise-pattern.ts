import type { NoisePattern } from '@stt/crypto'

/**
 * XX with two pre-shared keys. Under a pattern with pre-shared keys alone an attacker reflects a node's messages back
 * at it and is accepted; in XX the node meets its own static key, and refuses. spec: STT-HS-1
 */
export const NOISE_PATTERN: NoisePattern = { name: 'XXpsk0+psk3', messages: 'e / e ee s es / s se' }
