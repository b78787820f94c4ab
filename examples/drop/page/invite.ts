import { button, element } from './dom.ts'

/** Shows the words and the link of a new pairing until it is closed; the page keeps neither. */
export async function invite(
  { phrase, link, relay, id }: { readonly phrase: string; readonly link: string; readonly relay: string; readonly id: string }, // biome-ignore format: one line
  onClose: () => void,
): Promise<HTMLElement> {
  const { encode } = await import('uqr')
  const copied = element('span', { role: 'status' })
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link)
      copied.textContent = 'Copied.'
    } catch {
      copied.textContent = 'This browser does not let the page copy: select the address of “Open it on this device”.'
    }
  }
  return element(
    'section',
    { class: 'card invite', 'aria-labelledby': 'invite-title' },
    element('h2', { id: 'invite-title', tabindex: '-1' }, 'For the other side'),
    element(
      'div',
      { class: 'columns' },
      element('div', {}, picture(encode(link, { border: 2 }))),
      element(
        'div',
        {},
        element('p', {}, 'Scan this with the other device, or open the link there.'),
        element('p', { class: 'row' }, button('Copy the link', () => void copy()), element('a', { href: link, target: '_blank', rel: 'noreferrer' }, 'Open it on this device'), copied), // biome-ignore format: one line
        element('p', {}, 'On a machine with the command, run'),
        element('pre', { tabindex: '0', 'aria-label': 'Command' }, `stt pair NAME --phrase - --peer ${id} --relay ${relay}`), // biome-ignore format: one line
        element('p', {}, 'and type there'),
        element('pre', { id: 'phrase', tabindex: '0', 'aria-label': 'Phrase' }, phrase),
        element(
          'p',
          { class: 'help' },
          'Whoever sees this before the two have met can take the place of the other side.',
        ),
      ),
    ),
    button('I have it there', onClose, { class: 'main' }),
  )
}

/** Squares, drawn: a picture by address would need a policy that allows such. */
function picture({
  size,
  data,
}: {
  readonly size: number
  readonly data: readonly (readonly boolean[])[]
}): HTMLElement {
  const scale = 8
  const canvas = element('canvas', { role: 'img', 'aria-label': 'QR code of the link', class: 'qr' })
  canvas.width = size * scale
  canvas.height = size * scale
  const drawing = canvas.getContext('2d')!
  drawing.fillStyle = '#fff'
  drawing.fillRect(0, 0, canvas.width, canvas.height)
  drawing.fillStyle = '#000'
  for (const [y, row] of data.entries())
    for (const [x, dark] of row.entries()) if (dark) drawing.fillRect(x * scale, y * scale, scale, scale)
  return canvas
}
