/** Whether to report a growing count now: at 1, 2, 4, 8 and so on. */
export const isToldAt = (count: number): boolean => (count & (count - 1)) === 0
