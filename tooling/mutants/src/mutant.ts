/** A defence that is taken away, and the test file that must notice. Paths are from the repository's root. */
export interface Mutant {
  /** The effect of the change, as the end of "the code …". */
  readonly without: string
  readonly file: string
  /** Text that stands exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly test: string
}
