import type { Home } from './home/home.ts'
import type { Output } from './output.ts'

/** What every verb works with. */
export interface Context {
  readonly home: Home
  readonly output: Output
  readonly environment: NodeJS.ProcessEnv
  /** Ends when the process was told to. */
  readonly signal: AbortSignal
}
