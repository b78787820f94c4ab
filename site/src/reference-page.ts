/**
 * A page of TypeDoc for those who do not see it: its main part, its other parts and its navigations have a name, headings
 * follow each other without a step that is left out, and a summary, which is a button, holds no link.
 */
export function accessiblePage(html: string): string {
  const named = LANDMARKS.reduce((text, [found, replaced]) => text.replace(found, replaced), html).replace(
    /<summary\b.*?<\/summary>/gs,
    summary => summary.replace(/<a\b[^>]*class="tsd-anchor-icon".*?<\/a>/gs, ''),
  )
  let level = 0
  // Where something is defined is a note, and no part of a page to jump to.
  const noted = named.replaceAll('<aside class="tsd-sources">', '<aside class="tsd-sources" role="note">')
  return noted.replace(/<h([1-6])\b/g, (heading, digit: string) => {
    const own = Number(digit)
    level = Math.min(own, level + 1)
    return own === level ? heading : `${heading} aria-level="${level}"`
  })
}

const LANDMARKS: readonly (readonly [found: string, replaced: string])[] = [
  ['<div class="col-content">', '<div class="col-content" role="main">'],
  ['<div class="col-sidebar">', '<div class="col-sidebar" role="complementary" aria-label="Contents">'],
  ['<nav id="tsd-sidebar-links"', '<nav id="tsd-sidebar-links" aria-label="Documentation"'],
  ['<nav class="tsd-navigation">', '<nav class="tsd-navigation" aria-label="Packages">'],
]
