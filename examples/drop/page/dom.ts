type Properties = Readonly<Record<string, string | boolean | (() => void) | ((event: Event) => void) | undefined>>

/** An element with attributes, listeners (`onclick`) and children. No text in it is ever read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: (Node | string | undefined)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value !== undefined) made.setAttribute(name, value)
  }
  made.append(...children.filter(each => each !== undefined))
  return made
}

export const button = (text: string, onclick: () => void, properties: Properties = {}): HTMLButtonElement =>
  element('button', { type: 'button', onclick, ...properties }, text)

/** Changes a text only where it is another one: what reads it aloud does not begin anew. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/** Says something to who does not look. */
export function say(text: string): void {
  setText(document.getElementById('live')!, text)
}

let fields = 0

/** A field with its label, and what explains it. */
export function field(text: string, input: HTMLInputElement, help = ''): HTMLElement {
  input.id = `field-${++fields}`
  if (help !== '') input.setAttribute('aria-describedby', `${input.id}-help`)
  return element(
    'div',
    { class: 'field' },
    element('label', { for: input.id }, text),
    input,
    help === '' ? undefined : element('p', { class: 'help', id: `${input.id}-help` }, help),
  )
}
