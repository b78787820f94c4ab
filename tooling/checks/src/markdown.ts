/** A link of a Markdown text, as far as it may lead to a file. */
export interface MarkdownLink {
  /** The path before `#`; empty if the link stays in its own file. */
  readonly path: string
  /** The anchor behind `#`, or empty. */
  readonly anchor: string
}

/** The links of a text, those that stand in one place of it and are named in another among them. */
export function linksOf(markdown: string): readonly MarkdownLink[] {
  const text = withoutCode(markdown)
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)]
  return targets.map(([, target = '']) => {
    const [path = '', anchor = ''] = target.split('#')
    return { path, anchor }
  })
}

/** Names in `[text][name]` for which no line `[name]: target` stands anywhere. */
export function undefinedReferences(markdown: string): readonly string[] {
  const text = withoutCode(markdown).replace(/`[^`\n]*`/g, '')
  const defined = new Set([...text.matchAll(/^\[([^\]]+)\]:/gm)].map(([, name]) => name))
  return [...text.matchAll(/\]\[([^\]]+)\]/g)].flatMap(([, name = '']) => (defined.has(name) ? [] : [name]))
}

/** The valid anchors of a text: its headings as GitHub spells them, and the anchors that it sets itself. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const text = withoutCode(markdown)
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+?)\s*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-')
    let unique = slug
    for (let i = 1; anchors.has(unique); i++) unique = `${slug}-${i}`
    anchors.add(unique)
  }
  for (const [, name = ''] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(name)
  return anchors
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^ *```.*?^ *```/gms, '')
}
