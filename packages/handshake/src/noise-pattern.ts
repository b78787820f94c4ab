/**
 * XX with two pre-shared keys. Under a pattern with pre-shared keys alone an attacker reflects a node's messages back
 * at it and is accepted; in XX the node meets its own static key, and refuses. spec: STT-HS-1
 */
export const NOISE_PATTERN = 'XXpsk0+psk3'
