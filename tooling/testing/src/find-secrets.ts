/**
 * What of these secrets somebody can read who has seen all of `seen`: any run of 8 bytes of one, as it is, or in hexadecimal,
 * base32 or base64 of either alphabet, wherever in such text it begins.
 *
 * @returns the name of each that shows, and in which form
 */
export function findSecrets(seen: Iterable<Uint8Array>, secrets: Readonly<Record<string, Uint8Array>>): string[] {
  const wanted = FORMS.map(({ form, width, textsOf }) => {
    const runs = new Map<string, string>()
    for (const [name, secret] of Object.entries(secrets)) {
      for (const text of textsOf(Buffer.from(secret))) for (const run of runsOf(text, width)) runs.set(run, name)
    }
    return { form, width, runs }
  })
  const found = new Set<string>()
  for (const bytes of seen) {
    const text = Buffer.from(bytes).toString('latin1')
    const words = text.match(WORDS) ?? []
    for (const { form, width, runs } of wanted) {
      for (const part of form === AS_IT_IS ? [text] : words) {
        for (const run of runsOf(part, width)) {
          const name = runs.get(run)
          if (name !== undefined) found.add(`${name}: ${form}`)
        }
      }
    }
  }
  return [...found]
}

/**
 * By what two captures can be told to belong together: runs of 8 bytes that stand in both, and of which no 3 in a row stand in
 * what strangers say, who say all that is usual.
 */
export function inCommon(
  one: Iterable<Uint8Array>,
  other: Iterable<Uint8Array>,
  strangers: Iterable<Uint8Array>,
): string[] {
  const all = (seen: Iterable<Uint8Array>, width: number): Set<string> =>
    new Set([...seen].flatMap(bytes => [...runsOf(Buffer.from(bytes).toString('latin1'), width)]))
  const [second, usual] = [all(other, WINDOW), all(strangers, USUAL)]
  return [...all(one, WINDOW)].filter(run => second.has(run) && ![...runsOf(run, USUAL)].some(part => usual.has(part)))
}

interface Form {
  readonly form: string
  /** Characters that 8 bytes of the secret take at least. */
  readonly width: number
  textsOf(secret: Buffer): readonly string[]
}

const AS_IT_IS = 'as it is'
/** Of a file that somebody writes as text the beginning is enough. */
const LONGEST = 1_024

const FORMS: readonly Form[] = [
  { form: AS_IT_IS, width: 8, textsOf: secret => [secret.toString('latin1')] },
  {
    form: 'hexadecimal',
    width: 16,
    textsOf(secret) {
      const hex = secret.toString('hex', 0, LONGEST)
      return [hex, hex.toUpperCase()]
    },
  },
  {
    form: 'base64',
    width: 11,
    textsOf(secret) {
      // Text that begins elsewhere in a longer one has other characters; what the last bits are filled up with is another's.
      const texts = [0, 1, 2].map(skipped => secret.toString('base64', skipped, LONGEST).replace(/.=*$/, ''))
      return [...texts, ...texts.map(toUrlForm)]
    },
  },
  {
    form: 'base32',
    width: 13,
    textsOf(secret) {
      const texts = [0, 1, 2, 3, 4].map(skipped => toBase32(secret.subarray(skipped, LONGEST)))
      return [...texts, ...texts.map(text => text.toUpperCase())]
    },
  },
]

const toUrlForm = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')

/** Whole groups of 5 bits: what the last bits are filled up with is another's. */
function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? [])
    .map(group => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(group, 2)])
    .join('')
}

function* runsOf(text: string, width: number): Generator<string> {
  for (let i = 0; i + width <= text.length; i++) yield text.slice(i, i + width)
}

/** Candidates for encoded text. */
const WORDS = /[\w+/-]{11,}/g
const WINDOW = 8
const USUAL = 3
