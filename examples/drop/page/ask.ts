import { printable } from '@stt/errors'
import type { Invitation } from '@stt/transfer'
import { button, element, field } from './dom.ts'
import { input, working } from './form.ts'

export interface AskActions {
  /** @param name that somebody typed for it, or nothing */
  join(name: string): Promise<void>
  decline(): void
}

/**
 * Asks before a link pairs: anybody can write one, and who follows it would show a stranger's relay this device's address, and
 * take a stranger's files.
 *
 * @param known what this page calls that machine already
 */
export function ask({ relays, peer }: Invitation, known: string | undefined, actions: AskActions): HTMLElement {
  const name = input({ name: 'name', maxlength: '60', placeholder: 'Laptop' })
  const text =
    known === undefined
      ? 'The maker of this link can then send files to this page, and gets what you send there. Go on if that was you: on your other machine, just now.'
      : `This page is paired with that machine, as ${printable(known)}. From now on it would meet it at this relay.`
  const form = working(
    'Pair by this link?',
    {
      does: 'Pair',
      run: () => actions.join(name.value.trim()),
      beside: button('Do not pair', () => actions.decline()),
    },
    element('p', {}, text),
    element('dl', { class: 'facts' }, ...facts(relays, peer)),
    known === undefined ? field('Name for it', name, 'Only shown here.') : undefined,
  )
  form.classList.add('ask')
  return form
}

function facts(relays: readonly string[], peer: string | undefined): HTMLElement[] {
  const all = [
    [relays.length > 1 ? 'Its relays' : 'Its relay', ...relays],
    [
      'Its machine',
      peer === undefined ? 'not named: the first one that comes' : (peer.match(/.{8}/g)?.join(' ') ?? peer),
    ],
  ] as const
  return all.flatMap(([name, ...values]) => [
    element('dt', {}, name),
    ...values.map(value => element('dd', {}, printable(value))),
  ])
}
