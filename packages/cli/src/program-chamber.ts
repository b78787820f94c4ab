import type { Command } from 'commander'
import type { AddVerb, RunVerb } from './add-verb.ts'
import { parseRange } from './arguments.ts'
import { MANUAL } from './manual.ts'

/** `stt chamber` and its verbs. */
export function addChamber(stt: Command, addVerb: AddVerb, run: RunVerb): void {
  const chamber = stt
    .command('chamber')
    .description('an encrypted store in a folder: put, get, list, delete, check')
    .addHelpText('after', MANUAL.chamber)
    .helpOption('-h, --help', 'show this page')
  const verb = (usage: string, description: string): Command => addVerb(usage, description, '', chamber)

  verb('put <CHAMBER> <PATH...>', 'store files and folders; the chamber is made where it is not there')
    .option('--as <KEY>', 'in place of the name of the one PATH; PATH - is stdin')
    .action(async (folder: string, paths: readonly string[], options) =>
      run(options, async context =>
        (await import('./verbs/chamber-put.ts')).chamberPut(folder, paths, options, context),
      ),
    )

  verb('get <CHAMBER> [KEY...]', 'get objects out, and all below KEY/; without KEY all there are')
    .option('--into <DIR>', 'the folder, which is made where it is not there', '.')
    .option('--stdout', 'write the one object to stdout')
    .option('--range <BYTES>', 'with --stdout, a part of it: 0-99', parseRange)
    .option('--overwrite', 'replace files that are there')
    .option('--binary', 'write to a terminal whatever comes')
    .action(async (folder: string, keys: readonly string[], options) =>
      run(
        options,
        async context => (await import('./verbs/chamber-get.ts')).chamberGet(folder, keys, options, context),
        options.stdout ? process.stderr : undefined,
      ),
    )

  verb('list <CHAMBER> [PREFIX]', 'show sizes, times and keys').action(
    async (folder: string, prefix: string | undefined, options) =>
      run(options, async context => (await import('./verbs/chamber-keys.ts')).chamberList(folder, prefix, context)),
  )

  verb('delete <CHAMBER> <KEY...>', 'delete objects')
    .option('-r, --recursive', 'and all below KEY/')
    .action(async (folder: string, keys: readonly string[], options) =>
      run(options, async context =>
        (await import('./verbs/chamber-keys.ts')).chamberDelete(folder, keys, options, context),
      ),
    )

  verb('check <CHAMBER>', 'read every object, prove it, and name each that is damaged').action(
    async (folder: string, options) =>
      run(options, async context => (await import('./verbs/chamber-keys.ts')).chamberCheck(folder, context)),
  )
}
