/** One of those that do the same work. */
export interface Contestant {
  readonly name: string
  /**
   * Does the work once and gives its figure in the benchmark's unit. It may take as long as it needs and be done
   * elsewhere: `micro()` makes one that times a function, one that spawns a pair of processes resolves with what they
   * report.
   */
  measure(): number | Promise<number>
  /** Frees what `measure` keeps between rounds. */
  close?(): void | Promise<void>
}

/** Contestants whose figures are compared with one another. */
export interface Row {
  readonly name: string
  readonly contestants: readonly Contestant[]
}

/** What one table shows. */
export interface Benchmark {
  readonly title: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  /** The contestant that the others are given as ratios of. */
  readonly reference: string
  readonly rows: readonly Row[]
  /** Lines under the table: versions, sizes, anything that the figures depend on. */
  readonly notes?: readonly string[]
}

/** What the command line chose. */
export interface RunOptions {
  readonly rounds: number
}
