import type { Repository } from './repository.ts'

/** One rule of the repository. Each problem is one line that names the place and says what to do. */
export interface Rule {
  readonly name: string
  /** The statement that holds when there is no problem. */
  readonly claim: string
  /** Whether the rule looks at `dist/`, so that the packages have to be built first. */
  readonly needsBuild?: true
  check(repository: Repository): readonly string[] | Promise<readonly string[]>
}
