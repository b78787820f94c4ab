/**
 * Text of somebody else's, made safe to put into a message that programs log and terminals show: control characters,
 * line ends, characters that turn the direction of writing or cannot be seen, and halves of surrogate pairs are written
 * as `\u{1b}`. Everything else stays as it is.
 *
 * @param maximum characters of the text that are kept; what is cut off is marked with `…`
 */
export function printable(text: string, maximum: number = Number.POSITIVE_INFINITY): string {
  const kept = text.length > maximum ? `${text.slice(0, maximum)}…` : text
  return kept.replace(UNPRINTABLE, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** Controls, formats (bidi and zero-width ones among them), surrogates, private and unassigned; line and paragraph ends. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu
