/** The part of VitePress's Markdown that is used here. */
interface Markdown {
  readonly core: {
    readonly ruler: { push(name: string, rule: (state: { readonly tokens: Token[] }) => void): void }
  }
}

interface Token {
  readonly type: string
  readonly content: string
  tag: string
}

/** The corner of a table that says nothing is no header: who hears a page would be told of one without a name. */
export function withoutEmptyHeaders(markdown: Markdown): void {
  markdown.core.ruler.push('table-corners', ({ tokens }) => {
    tokens.forEach((token, i) => {
      if (token.type !== 'th_open' || tokens[i + 1]?.content !== '') return
      for (const each of [token, tokens[i + 2]!]) each.tag = 'td'
    })
  })
}
