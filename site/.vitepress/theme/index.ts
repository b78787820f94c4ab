import { type EnhanceAppContext, withBase } from 'vitepress'
import DefaultTheme, { VPHomeFeatures, VPHomeHero } from 'vitepress/theme'
import { h } from 'vue'
import './custom.css'

/** The first page, as the default theme has it, in a `main`. */
const Front = { render: () => h('main', { class: 'front' }, [h(VPHomeHero), h(VPHomeFeatures)]) }

const NotFound = {
  render: () =>
    h('main', { class: 'vp-doc not-found' }, [
      h('h1', 'There is no such page'),
      h('p', [
        'It may have moved. Search for it, or begin at the ',
        h('a', { href: withBase('/') }, 'first page'),
        '.',
      ]),
    ]),
}

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'not-found': () => h(NotFound) }),
  enhanceApp: ({ app }: EnhanceAppContext) => {
    app.component('Front', Front)
  },
}
