/** Of rows with the newest first, the ended ones that are too many to be kept. */
export const tooMany = <T>(rows: readonly T[], isEnded: (row: T) => boolean): readonly T[] =>
  rows.filter(isEnded).slice(MOST_ENDED)

/** A machine that sends all day leaves one row a transfer. */
const MOST_ENDED = 20
