import { SttError } from '@stt/errors'

/** A Noise pattern, whose name begins a run's hash. `noisePattern` has all that Noise defines. */
export interface NoisePattern {
  /** The name with its modifiers: `XXpsk0+psk3`. */
  readonly name: string
  /** The messages without modifiers and arrows: `e / e ee s es / s se`, after `pre i r / …` for keys known beforehand. */
  readonly messages: string
}

/** One step of a message pattern (Noise §5.3, §9). */
export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk'

export interface HandshakePattern {
  /** Whether the initiator's, the responder's static key is known beforehand. */
  readonly initiatorStaticKnown: boolean
  readonly responderStaticKnown: boolean
  /** The initiator writes the first message and then every second one. */
  readonly messages: readonly (readonly Token[])[]
  readonly pskCount: number
  /** Only the initiator sends (Noise §7.4). */
  readonly oneWay: boolean
}

/**
 * Reads a pattern with the modifiers of its name.
 *
 * @throws STT_INVALID_ARGUMENT for modifiers that do not fit it
 */
export function parsePattern({ name, messages: text }: NoisePattern): HandshakePattern {
  const lines = text.split(' / ')
  const known = lines[0]!.startsWith('pre ') ? lines.shift()!.split(' ') : []
  const messages = lines.map(line => line.split(' ') as Token[])
  const oneWay = messages.length === 1

  const modifiers = name.match(/psk\d/g) ?? []
  if (new Set(modifiers).size !== modifiers.length)
    throw new SttError('STT_INVALID_ARGUMENT', `${name} names a psk twice`)
  for (const modifier of modifiers) {
    // Noise §9.4: psk0 begins the first message, pskN ends message N.
    const position = Number(modifier.slice(3))
    const message = messages[Math.max(position - 1, 0)]
    if (message === undefined) throw new SttError('STT_INVALID_ARGUMENT', `${name} has no message ${position}`)
    if (position === 0) message.unshift('psk')
    else message.push('psk')
  }
  return {
    initiatorStaticKnown: known.includes('i'),
    responderStaticKnown: known.includes('r'),
    messages,
    pskCount: modifiers.length,
    oneWay,
  }
}
