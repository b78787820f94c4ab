// The navigation is made in the page, with a link in each summary, which is a button and should hold none: the link becomes the
// first entry below it.
const container = document.getElementById('tsd-nav-container')

function tidy() {
  for (const link of container.querySelectorAll('summary a')) {
    const list = link.closest('details').querySelector('ul')
    if (!list) continue
    const name = document.createElement('span')
    name.append(...link.childNodes)
    link.replaceWith(name)
    link.textContent = 'Overview'
    const entry = document.createElement('li')
    entry.append(link)
    list.prepend(entry)
  }
}

if (container) {
  // The navigation may be there already: which of the two scripts runs first is not said.
  tidy()
  new MutationObserver(tidy).observe(container, { childList: true, subtree: true })
}
