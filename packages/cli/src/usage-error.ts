import type { Command, CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { ExitCode } from './exit-codes.ts'
import { Output } from './output.ts'

/**
 * Tells what cannot be used of a command line, as every other error is told: in one line, or in one of JSON where `--json` asks
 * for it.
 *
 * @returns the exit code
 */
export function tellUsageError(error: CommanderError, args: readonly string[], { commands }: Command): number {
  // Help in place of a verb that is missing: the page is there already.
  if (error.code === 'commander.help') return ExitCode.usage
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length)
  const verb = commands.find(command => command.name() === args[0])?.name()
  const text = error.message.replace(/^error: /, '')
  const hint = /\(Did you mean .*\?\)$/.test(text)
    ? ''
    : ` (${verb === undefined ? 'stt --help' : `stt help ${verb}`} says what there is)`
  // Stdout is for what comes from elsewhere, as where the same verb runs.
  const isData = verb === 'pipe' || options.includes('--stdout')
  const output = new Output({ json: options.includes('--json'), quiet: false }, isData ? process.stderr : undefined)
  return output.error(new CliError(ExitCode.usage, text.replace(/\.$/, '') + hint))
}
