import type { Command, CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { ExitCode } from './exit-codes.ts'
import { Output } from './output.ts'

/**
 * Prints an error of the command line like every other error: in one line, or in one line of JSON with `--json`.
 *
 * @returns the exit code
 */
export function tellUsageError(error: CommanderError, args: readonly string[], { commands }: Command): number {
  // A verb is missing, and the help page was printed already.
  if (error.code === 'commander.help') return ExitCode.usage
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length)
  const found = commands.find(command => command.name() === args[0])
  const verb = found?.name()
  const below = found?.commands.find(command => command.name() === args[1])?.name()
  const text = error.message.replace(/^error: /, '')
  const hint = /\(Did you mean .*\?\)$/.test(text)
    ? ''
    : ` (${verb === undefined ? 'stt --help' : `stt help ${verb}${below === undefined ? '' : ` ${below}`}`} says what there is)`
  // For verbs that write data to stdout, JSON goes to stderr here too.
  const isData = verb === 'pipe' || options.includes('--stdout')
  const output = new Output({ json: options.includes('--json'), quiet: false }, isData ? process.stderr : undefined)
  return output.error(new CliError(ExitCode.usage, text.replace(/\.$/, '') + hint))
}
