/** A whole file, as the page keeps it beside its hash. */
export interface Kept {
  readonly path: string
  readonly size: number
  readonly modified: number
  /** When it came. */
  readonly received: number
  /** Whether it was handed to the browser's downloads, of which the page learns no more. */
  readonly saved: boolean
}

export const pieceKey = (id: string, index: number): string => `${PIECES}${id}/${String(index).padStart(8, '0')}`

/** Before the id of a file in the keys of the vault. */
export const WHOLE = 'whole/'
export const PIECES = 'piece/'
/** Bytes of a piece; the last one of a file may have fewer. */
export const PIECE = 1_048_576
