import type { Invitation } from '@stt/transfer'
import { parseInvitation } from '@stt/transfer'
import { element, field, say } from './dom.ts'
import { Said, sentenceOf } from './sentences.ts'

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
  return form(
    'I have a phrase',
    'Run “stt pair” on the machine; it shows a phrase of six groups. Scanning its QR code needs none of this.',
    'Pair',
    [
      field('Phrase', phrase, 'Or all of an invitation, which holds the relay too.'),
      field('Relay', relay, 'The address that the machine was paired with: wss://…'),
      field('Name for it', name, 'Only shown here.'),
      element('details', {}, element('summary', {}, 'The id of the machine'), field('Id', peer, '64 characters that “stt pair” shows behind --peer. Without it, whoever comes first with the phrase is taken.')), // biome-ignore format: one line
    ],
    async () => {
      const given = parseInvitation(phrase.value.trim())
      const relays = given.relays.length > 0 ? given.relays : [checkRelay(relay.value)]
      await join(name.value.trim(), { ...given, relays, peer: given.peer ?? (peer.value.trim().toLowerCase() || undefined) }) // biome-ignore format: one line
    },
  )
}

function beginForm({ begin }: PairActions): HTMLElement {
  const relay = input({ name: 'relay', required: true, inputmode: 'url', value: ownRelay() })
  const name = input({ name: 'name', maxlength: '60', placeholder: 'Phone' })
  return form(
    'Make a new pairing',
    'For another page like this one, or for a machine with the “stt” command.',
    'Make it',
    [field('Relay', relay, 'Both sides meet there; it sees neither names nor contents.'), field('Name for the other side', name)], // biome-ignore format: one line
    () => begin(name.value.trim(), checkRelay(relay.value)),
  )
}

function form(title: string, text: string, does: string, fields: HTMLElement[], run: () => Promise<void>): HTMLElement {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  const submit = element('button', { type: 'submit', class: 'main' }, does)
  const made = element(
    'form',
    {
      class: 'card',
      async onsubmit(event: Event) {
        event.preventDefault()
        problem.hidden = true
        submit.disabled = true
        submit.textContent = 'Working…'
        say('Working. This takes a few seconds.')
        // Stretching the phrase keeps the page busy: what it shows is painted before.
        await new Promise(resolve => setTimeout(resolve, 50))
        try {
          await run()
        } catch (error) {
          problem.textContent = sentenceOf(error)
          problem.hidden = false
        }
        submit.disabled = false
        submit.textContent = does
      },
    },
    element('h2', {}, title),
    element('p', {}, text),
    ...fields,
    problem,
    submit,
  )
  return made
}

const input = (properties: Readonly<Record<string, string | boolean>>): HTMLInputElement =>
  element('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...properties })

/** A page that a relay serves has that relay. */
const ownRelay = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`

function checkRelay(text: string): string {
  const url = text.trim()
  if (URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol)) return url.replace(/\/$/, '')
  throw new Said('That is not the address of a relay: it begins with wss://, or ws:// on your own network.')
}
