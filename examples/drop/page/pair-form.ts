import type { Invitation } from '@stt/transfer'
import { parseInvitation } from '@stt/transfer'
import { element, field } from './dom.ts'
import { input, working } from './form.ts'
import { checkRelay, ownRelay } from './relay-address.ts'

export interface PairActions {
  join(name: string, invitation: Invitation): Promise<void>
  /** Begins a pairing here, and shows what the other side needs. */
  begin(name: string, relay: string): Promise<void>
}

/** Two ways into a pairing: the phrase that a machine shows, or a new one for another machine or page. */
export function pairForm(actions: PairActions): HTMLElement {
  return element('div', { class: 'columns' }, joinForm(actions), beginForm(actions))
}

function joinForm({ join }: PairActions): HTMLElement {
  const phrase = input({ name: 'phrase', required: true, autocapitalize: 'characters' })
  const relay = input({ name: 'relay', type: 'text', inputmode: 'url', value: ownRelay() })
  const peer = input({ name: 'peer', type: 'text', pattern: '\\s*[0-9a-fA-F]{64}\\s*' })
  const name = input({ name: 'name', maxlength: '60', placeholder: 'Laptop' })
  const run = async (): Promise<void> => {
    const given = parseInvitation(phrase.value.trim())
    const relays = given.relays.length > 0 ? given.relays.map(checkRelay) : [checkRelay(relay.value)]
    await join(name.value.trim(), { ...given, relays, peer: given.peer ?? (peer.value.trim().toLowerCase() || undefined) }) // biome-ignore format: one line
  }
  return working(
    'I have a phrase',
    { does: 'Pair', run },
    element('p', {}, 'Run “stt pair” on the machine; it shows a phrase of six groups. Scanning its QR code needs none of this.'), // biome-ignore format: one line
    field('Phrase', phrase, 'Or all of an invitation, which holds the relay too.'),
    field('Relay', relay, 'The address that the machine was paired with: wss://…'),
    field('Name for it', name, 'Only shown here.'),
    element('details', {}, element('summary', {}, 'The id of the machine'), field('Id', peer, '64 characters that “stt pair” shows behind --peer. Without it, whoever comes first with the phrase is taken.')), // biome-ignore format: one line
  )
}

function beginForm({ begin }: PairActions): HTMLElement {
  const relay = input({ name: 'relay', required: true, inputmode: 'url', value: ownRelay() })
  const name = input({ name: 'name', maxlength: '60', placeholder: 'Phone' })
  return working(
    'Make a new pairing',
    { does: 'Make it', run: () => begin(name.value.trim(), checkRelay(relay.value)) },
    element('p', {}, 'For another page like this one, or for a machine with the “stt” command.'),
    field('Relay', relay, 'Both sides meet there; it sees neither names nor contents.'),
    field('Name for the other side', name),
  )
}
