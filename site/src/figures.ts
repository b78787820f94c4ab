/**
 * Puts tables of a document in the places of a page that ask for them, `<!-- table: heading -->`: a figure stands in one place
 * only, without copies.
 *
 * @throws where the document has no such heading, or no table below it
 */
export function insertTables(page: string, document: string): string {
  return page.replace(/^<!-- table: (.+?) -->$/gm, (_, heading: string) => {
    const [, section] = document.split(new RegExp(`^#+ ${heading.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&')}$`, 'm'))
    const [table] = /(?:^\|.*\n)+/m.exec(section?.split(/^#+ /m)[0] ?? '') ?? []
    if (table === undefined) throw new Error(`there is no table below a heading "${heading}"`)
    return table.trim()
  })
}
