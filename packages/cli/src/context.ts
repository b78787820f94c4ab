import type { Home } from './home/home.ts'
import type { Output } from './output.ts'

/** The surroundings of a verb. */
export interface Context {
  readonly home: Home
  readonly output: Output
  readonly environment: NodeJS.ProcessEnv
  /** Aborts when the process has to end. */
  readonly signal: AbortSignal
}
