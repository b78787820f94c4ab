/** Whether the count of something that goes on is told: the first, and then ever more seldom, however fast it grows. */
export const isToldAt = (count: number): boolean => (count & (count - 1)) === 0
