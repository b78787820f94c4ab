import type { Command } from 'commander'
import type { Context } from './context.ts'
import type { OutputOptions } from './output.ts'

/** Adds a verb with the options that all have. */
export type AddVerb = (usage: string, description: string, manual: string, parent?: Command) => Command

/** Runs a verb. @param jsonTo stdout, unless that is for data */
export type RunVerb = (options: OutputOptions, work: Work, jsonTo?: NodeJS.WritableStream) => Promise<void>

/** Resolves with the exit code; undefined stands for 0. */
type Work = (context: Context) => Promise<unknown>
