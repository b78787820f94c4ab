/** The fragment byte of a header: index in the high four bits, count in the low four. */
export const Fragment = {
  Whole: 0x01,
  First: 0x02,
  Second: 0x12,
} as const

export type Fragment = (typeof Fragment)[keyof typeof Fragment]
