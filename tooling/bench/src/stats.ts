/** Median and spread of some measurements; all in the unit of the measurements. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('a summary needs at least one sample')
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** The sample that so many per cent of all are at most as large as. */
export function percentile(samples: readonly number[], percent: number): number {
  if (samples.length === 0) throw new RangeError('a percentile needs at least one sample')
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)]!
}

/**
 * How many times better `samples` are than `reference`, round by round: two figures of one round shared the machine's
 * mood, two medians need not have.
 *
 * @param better whether a higher or a lower figure is the better one
 */
export function summarizeRatios(
  samples: readonly number[],
  reference: readonly number[],
  better: 'higher' | 'lower',
): Summary {
  if (samples.length !== reference.length) throw new RangeError('ratios need as many samples as reference samples')
  return summarize(
    samples.map((sample, round) => (better === 'higher' ? sample / reference[round]! : reference[round]! / sample)),
  )
}
