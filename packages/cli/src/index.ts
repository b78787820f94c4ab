export { ExitCode } from './exit-codes.ts'
export type * from './json-lines.ts'
