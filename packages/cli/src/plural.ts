/** A number with its noun: `1 file`, `2 files`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** The verb for a number: `is` or `are`. */
export const isOrAre = (count: number): 'is' | 'are' => (count === 1 ? 'is' : 'are')
