/**
 * The page of a program: what the comment at its beginning says, how it is run, and all of it.
 *
 * @param others files that belong to it, by name
 */
export function programPage(name: string, code: string, others: ReadonlyMap<string, string> = new Map()): string {
  const [head = ''] = /^(?:\/\/.*\n)+/.exec(code) ?? []
  const lines = head
    .trim()
    .split('\n')
    .map(line => line.replace(/^\/\/ ?/, ''))
  const commands = lines.filter(line => line.startsWith('  ')).map(line => line.trim())
  const text = lines.filter(line => !line.startsWith('  ')).join('\n')
  const rest = [...others].map(([file, more]) => `## ${file}\n\n\`\`\`js\n${more.trim()}\n\`\`\`\n`)
  return [
    `# ${titleOf(name)}\n`,
    `${text.trim()}\n`,
    `\`\`\`sh\n${commands.join('\n')}\n\`\`\`\n`,
    'Both ends have the same seed in `STT_SEED`; [how to run it](./) says more. A test runs this file as it stands here.\n',
    `## ${name}.ts\n\n\`\`\`ts\n${code.slice(head.length).trim()}\n\`\`\`\n`,
    ...rest,
  ].join('\n')
}

export const titleOf = (name: string): string => {
  const text = name
    .replaceAll('-', ' ')
    .replace(/\bnats\b/, 'NATs')
    .replace(/^rpc$/, 'RPC')
  return text[0]!.toUpperCase() + text.slice(1)
}
