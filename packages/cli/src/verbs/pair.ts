import { Identity, isSttError, Seed, toHex } from '@stt/node'
import { formatInvitation, type Invitation, parseInvitation } from '@stt/transfer'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { freePairingName } from '../home/pairing-name.ts'
import { chooseNewPassphrase, readSecret } from '../secret-input.ts'
import { shellQuote } from '../shell-quote.ts'

export interface PairOptions {
  readonly phrase?: string
  readonly relay: readonly string[]
  readonly address: readonly string[]
  readonly peer?: string
  readonly page?: string
  readonly passphrase?: boolean
  readonly qr?: boolean
}

/** Makes a pairing and prints the phrase for the other machine, or joins one by its phrase. */
export async function pair(name: string | undefined, options: PairOptions, context: Context): Promise<void> {
  if (options.phrase !== undefined && options.phrase !== '-') {
    throw new CliError(
      ExitCode.usage,
      'a phrase is never an argument, where other users and the history of the shell see it: give --phrase - and type it when asked, or write it to stdin; take a new phrase, this one was seen',
    )
  }
  const called = name ?? freePairingName(await context.home.names())
  await context.home.checkFree(called)
  if (options.phrase === undefined) await make(called, options, context)
  else await join(called, options, context)
}

async function make(name: string, options: PairOptions, context: Context): Promise<void> {
  if (options.peer !== undefined) throw new CliError(ExitCode.usage, '--peer is for joining a pairing: add --phrase -')
  checkPage(options.page)
  const phrase = Seed.generatePhrase()
  const id = await keep(name, { phrase, relays: options.relay }, true, options, context)
  await announce(name, { phrase, relays: options.relay, peer: id }, options, context)
}

async function join(name: string, options: PairOptions, context: Context): Promise<void> {
  const given = parseInvitation(await readSecret('Phrase: '))
  const peer = options.peer?.toLowerCase() ?? given.peer
  if (peer !== undefined && !/^[0-9a-f]{64}$/.test(peer)) {
    throw new CliError(ExitCode.usage, '--peer takes the 64 hexadecimal digits that the other machine printed')
  }
  const relays = [...new Set([...options.relay, ...given.relays])]
  const id = await keep(name, { phrase: given.phrase, relays, peer }, false, options, context)
  context.output.line({ type: 'pairing', name, id, relays })
  const doubt =
    peer === undefined
      ? "\n\nThe other machine's id was not given (--peer): until the two have met, any machine with the phrase can take its place."
      : ''
  context.output.result(
    `This machine is paired as ${name}. To try it, run on the other one, with the name that it has there,\n\n    stt receive ${name}\n\nand here\n\n    stt ping ${name}${doubt}`,
  )
}

/** @returns the id of this machine */
async function keep(
  name: string,
  { phrase, relays, peer }: Invitation,
  made: boolean,
  options: PairOptions,
  { home, environment }: Context,
): Promise<string> {
  const passphrase = options.passphrase === true
  // This asks before any work, and remembers the answer for the chamber's own question.
  if (passphrase) environment['STT_PASSPHRASE'] = await chooseNewPassphrase(environment)
  const seed = await seedOf(phrase)
  const identity = Identity.generate()
  const id = toHex(identity.id)
  const known = peer === undefined ? {} : { peer }
  const state = { name, made, relays, addresses: options.address, id, created: Date.now(), passphrase, ...known }
  await home.add(state, { seed: seed.toBytes(), identity: identity.toBytes() })
  seed.dispose()
  identity.dispose()
  return id
}

async function seedOf(phrase: string): Promise<Seed> {
  try {
    return await Seed.fromPassphrase(phrase)
  } catch (cause) {
    if (!isSttError(cause, 'STT_WEAK_SEED')) throw cause
    const message = 'this is not a phrase that stt pair made: one of its characters is wrong, or some are missing'
    throw new CliError(ExitCode.usage, message, { cause })
  }
}

/** @param invitation `peer` is this machine */
async function announce(
  name: string,
  invitation: Invitation & { readonly peer: string },
  { page, qr }: Pick<PairOptions, 'page' | 'qr'>,
  { output }: Pick<Context, 'output'>,
): Promise<void> {
  const { phrase, relays, peer } = invitation
  const uri = formatInvitation(invitation, page)
  output.line({ type: 'pairing', name, id: peer, phrase, uri, relays })
  if (output.json) return
  const relayed = relays.map(relay => ` --relay ${shellQuote(relay)}`).join('')
  output.result(`${name} is made. Run on the other machine

    stt pair ${name} --phrase - --peer ${peer}${relayed}

and type there

    ${phrase}

Keep the phrase secret: before the two machines have met, any machine with it can take the other one's place.`)
  if (!(qr ?? process.stdout.isTTY === true)) return
  const { renderUnicodeCompact } = await import('uqr')
  output.result(`\n${renderUnicodeCompact(uri, { border: 2 })}`)
}

function checkPage(page: string | undefined): void {
  if (page === undefined) return
  const url = URL.canParse(page) ? new URL(page) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.hash === '') return
  throw new CliError(ExitCode.usage, '--page takes the URL of a page, https://example.org/stt, without a #fragment')
}
