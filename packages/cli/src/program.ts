import { Command, CommanderError, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import type { AddVerb, RunVerb } from './add-verb.ts'
import { collect, collectAddresses, collectRelays, parseCount, parseSeconds } from './arguments.ts'
import { CliError, exitCodeOf } from './cli-error.ts'
import { ExitCode } from './exit-codes.ts'
import { Home } from './home/home.ts'
import { MANUAL } from './manual.ts'
import { Output } from './output.ts'
import { addChamber } from './program-chamber.ts'
import { readPassphrase } from './secret-input.ts'
import { parseRate } from './transfer/rate.ts'
import { tellUsageError } from './usage-error.ts'

/**
 * The commands of `stt`. Each verb is loaded when it runs, so that help and completion are fast.
 *
 * @param signal aborts when the process has to end
 * @param onExit called with the exit code of the verb that ran
 */
export function createProgram(signal: AbortSignal, onExit: (code: number) => void): Command {
  const stt = new Command('stt')
    .description('Moves files and bytes between your own machines, encrypted, on any network.')
    .version(manifest.version, '-V, --version', 'print the version')
    .helpCommand('help [VERB]', 'show the page of a verb')
    .helpOption('-h, --help', 'show this page')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .addHelpText('after', MANUAL.stt)
    .exitOverride()
    // The caller prints all errors.
    .configureOutput({ outputError: () => {} })
    .enablePositionalOptions()

  const verb: AddVerb = (usage, description, manual, parent = stt) =>
    parent
      .command(usage)
      .description(description)
      .addHelpText('after', manual)
      .helpOption('-h, --help', 'show this page')
      .option('--json', 'lines of JSON in place of text', false)
      .option('-q, --quiet', 'print only errors and results', false)
  const run: RunVerb = async (options, work, jsonTo) => {
    const output = new Output(options, jsonTo)
    const environment = { ...process.env }
    const home = Home.locate(environment, () => readPassphrase(environment))
    try {
      const exitCode = await work({ home, output, environment, signal })
      onExit(typeof exitCode === 'number' ? exitCode : ExitCode.ok)
    } catch (error) {
      const ended: unknown = signal.aborted && !(error instanceof CliError) ? signal.reason : error
      const isUnheard = ended === signal.reason && exitCodeOf(ended) === ExitCode.brokenPipe
      onExit(isUnheard ? ExitCode.brokenPipe : output.error(ended))
    } finally {
      output.flush()
    }
  }

  verb('pair [NAME]', 'make a pairing of two machines, or join one', MANUAL.pair)
    .option('--phrase <->', 'join: read the phrase of the other machine from the terminal or from stdin')
    .option('--peer <ID>', 'join: the id of the other machine, as it printed it')
    .option(
      '--relay <URL>',
      'a relay where both find each other: wss://relay.example; may be repeated',
      collectRelays,
      [],
    )
    .option('--address <URL>', 'where the other machine can be reached; may be repeated', collectAddresses, [])
    .option('--page <URL>', 'a page that the QR code opens; the phrase comes behind its #')
    .option('--passphrase', 'keep the seed under a passphrase, which is asked for each time')
    .option('--qr', 'print the QR code, which is left out where stdout is no terminal')
    .option('--no-qr', 'print no QR code')
    .action(async (name: string | undefined, options) =>
      run(options, async context => (await import('./verbs/pair.ts')).pair(name, options, context)),
    )

  verb('list', 'show the pairings of this machine', MANUAL.list).action(async options =>
    run(options, async context => (await import('./verbs/list.ts')).list(context)),
  )

  verb('forget <NAME>', 'remove a pairing, or replace its seed', MANUAL.forget)
    .option('--roll', 'make a new seed under the same name')
    .action(async (name: string, options) =>
      run(options, async context => (await import('./verbs/forget.ts')).forget(name, options, context)),
    )

  reaching(verb('send <PATH...>', 'send files and folders', MANUAL.send), 60)
    .requiredOption('--to <NAME>', 'the pairing')
    .addOption(new Option('--limit <RATE>', 'bytes a second at most: 500k, 2M').argParser(parseRate))
    .action(async (paths: readonly string[], options) =>
      run(options, async context => (await import('./verbs/send.ts')).send(paths, options, context)),
    )

  verb('receive <NAME>', 'receive files into a folder', MANUAL.receive)
    .option('--into <DIR>', 'the folder, which is made where it is not there', '.')
    .option('--listen <URL>', 'wait at this address: ws://0.0.0.0:4433; may be repeated', collectAddresses)
    .option('--relay <URL>', 'a relay beside those that are kept; may be repeated', collectRelays, [])
    .option('--keep', 'go on after a transfer, for the next one')
    .option('--once', 'end after the first session, even one that broke off')
    .option('--overwrite', 'replace files that are there')
    .action(async (name: string, options) =>
      run(options, async context => (await import('./verbs/receive.ts')).receive(name, options, context)),
    )

  reaching(verb('ping <NAME>', 'measure round trips, and tell which way they go', MANUAL.ping), 10)
    .addOption(new Option('-c, --count <N>', 'how many').argParser(parseCount).default(4))
    .action(async (name: string, options) =>
      run(options, async context => (await import('./verbs/ping.ts')).ping(name, options, context)),
    )

  verb('doctor [NAME]', 'look at what is in the way, and say what to do', MANUAL.doctor)
    .option('--relay <URL>', 'a relay beside those that are kept; may be repeated', collectRelays, [])
    .option('--address <URL>', 'with NAME: where the other machine is; may be repeated', collectAddresses, [])
    .action(async (name: string | undefined, options) =>
      run(options, async context => (await import('./verbs/doctor.ts')).doctor(name, options, context)),
    )

  reaching(verb('pipe <NAME>', 'join stdin and stdout of both machines', MANUAL.pipe), 60)
    .option('--listen <URL>', 'wait at this address: ws://0.0.0.0:4433; may be repeated', collectAddresses)
    .option('--binary', 'write to a terminal whatever comes')
    .action(async (name: string, options, command: Command) => {
      const patience = command.getOptionValueSource('timeout') === 'default' ? undefined : options.timeout
      const work: Parameters<RunVerb>[1] = async context =>
        (await import('./verbs/pipe.ts')).pipe(name, { ...options, patience }, context)
      await run(options, work, process.stderr)
    })

  verb('expose <NAME> <TARGET...>', 'let the other machine reach TCP ports', MANUAL.expose)
    .option('--listen <URL>', 'wait at this address: ws://0.0.0.0:4433; may be repeated', collectAddresses)
    .option('--relay <URL>', 'a relay beside those that are kept; may be repeated', collectRelays, [])
    .action(async (name: string, targets: readonly string[], options) =>
      run(options, async context => (await import('./verbs/expose.ts')).expose(name, targets, options, context)),
    )

  reaching(verb('forward <NAME> <PORTS...>', 'reach TCP ports that it exposes', MANUAL.forward), 60).action(
    async (name: string, forwardings: readonly string[], options) =>
      run(options, async context => (await import('./verbs/forward.ts')).forward(name, forwardings, options, context)),
  )

  addChamber(stt, verb, run)

  verb('relay', 'run a relay, where machines find each other', MANUAL.relay)
    .option('--listen <URL>', 'where to listen: ws://0.0.0.0:4433, or wss:// with --cert and --key')
    .option('--for <NAME>', 'serve the machines of a pairing; may be repeated', collect)
    .option('--access <KEY>', 'serve the holders of a seed, by its access key; may be repeated', collect)
    .option('--open', 'serve every client')
    .option('--url <URL>', 'how it is dialed, where that is not --listen; may be repeated', collectRelays)
    .option('--cert <FILE>', 'certificate in PEM')
    .option('--key <FILE>', 'its key in PEM')
    .option('--client-address <HEADER>', 'in which the proxy in front names its client: x-real-ip')
    .option('--udp <PORTS>', 'two ports that tell where one comes from: 4433,4434, or none')
    .option('--page <FOLDER>', 'serve the files of a folder to browsers')
    .option('--drain <SECONDS>', 'what circuits are given to end when it is told to: 10')
    .option('--log-addresses', 'lines say who')
    .option('--redis <URL>', 'what several instances share; needs @stt/relay-redis, and --instance')
    .addOption(
      new Option('--instance <URL>', 'how clients dial this instance of several: wss://relay.example/a').argParser(
        value => collectRelays(value, [])[0],
      ),
    )
    .option('--config <FILE>', 'JSON with these options by name; those given here go first')
    .action(async options => run(options, async context => (await import('./verbs/relay.ts')).relay(options, context)))

  stt
    .command('completion <SHELL>')
    .description('print completions for bash, zsh or fish')
    .addHelpText('after', MANUAL.completion)
    .helpOption('-h, --help', 'show this page')
    .action(async (shell: string) =>
      run({ json: false, quiet: false }, async ({ output }) =>
        output.result((await import('./completion.ts')).completionFor(shell, stt)),
      ),
    )
  return stt
}

/** Options of the verbs that dial. */
function reaching(command: Command, seconds: number): Command {
  return command
    .option(
      '--address <URL>',
      'where the other machine is, in place of what is kept; may be repeated',
      collectAddresses,
      [],
    )
    .option('--relay <URL>', 'a relay beside those that are kept; may be repeated', collectRelays, [])
    .addOption(
      new Option('--timeout <SECONDS>', 'how long to try to reach the other machine; 0 is for ever')
        .argParser(parseSeconds)
        .default(seconds * 1_000, String(seconds)),
    )
}

/**
 * Turns `help VERB` into `VERB --help`, and `help chamber put` and `chamber help put` into `chamber put --help`. A verb that does not
 * exist stays alone, so that it is told of as without `help`.
 */
function helpWords(args: readonly string[], program: Command): readonly string[] {
  const at = args.indexOf('help')
  const group =
    at === 1 ? program.commands.find(each => each.name() === args[0] && each.commands.length > 0) : undefined
  if (at !== 0 && !group) return args
  const words: string[] = []
  let command = program
  for (const word of args.filter((each, i) => i !== at && !each.startsWith('-'))) {
    // A verb has no verbs of its own.
    if (command.commands.length === 0) break
    words.push(word)
    const found = command.commands.find(each => each.name() === word)
    if (!found) return args.includes('--json') ? [...words, '--json'] : words
    command = found
  }
  return [...words, '--help']
}

/**
 * Runs a command line.
 *
 * @returns the exit code
 */
export async function runProgram(args: readonly string[], signal: AbortSignal): Promise<number> {
  let exitCode: number = ExitCode.ok
  const program = createProgram(signal, code => {
    exitCode = code
  })
  try {
    await program.parseAsync(helpWords(args, program), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version are no errors; all others are about the command line.
    return error.exitCode === 0 ? ExitCode.ok : tellUsageError(error, args, program)
  }
  return exitCode
}
