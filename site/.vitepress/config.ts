import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitepress'
import { titleOf } from '../src/program-page.ts'
import { slugOf } from '../src/slug.ts'
import { withoutEmptyHeaders } from '../src/table-corners.ts'

const namesIn = (folder: string, pattern: RegExp): string[] =>
  readdirSync(new URL(`../../${folder}`, import.meta.url)).flatMap(file => pattern.exec(file)?.[1] ?? [])

// From the first release on.
const changes = namesIn('packages', /^([\w-]+)$/)
  .filter(name => existsSync(new URL(`../../packages/${name}/CHANGELOG.md`, import.meta.url)))
  .map(name => ({ text: `@stt/${name}`, link: `/changes/${name}` }))

export default defineConfig({
  title: 'STT',
  description: 'Encrypted sessions with many streams between programs that share a seed',
  base: process.env['STT_SITE_BASE'] ?? '/',
  srcDir: '.pages',
  outDir: 'dist',
  cleanUrls: false,
  lastUpdated: false,
  // All links are followed in what was built, the reference among it.
  ignoreDeadLinks: true,
  markdown: {
    // There is no grammar of a Caddyfile, which reads like one of nginx.
    languageAlias: { caddy: 'nginx' },
    anchor: { slugify: slugOf },
    headers: { slugify: slugOf, level: [2, 3] },
    // Comments in code stand out, too.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: withoutEmptyHeaders,
  },
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Guide', link: '/guide/start' },
      { text: 'Programs', link: '/programs/' },
      { text: 'Protocol', link: '/protocol' },
      { text: 'Security', link: '/security' },
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: [
      {
        text: 'Guide',
        items: [
          { text: 'Five minutes', link: '/guide/start' },
          { text: 'Overview', link: '/overview' },
          { text: 'Coming from …', link: '/guide/coming-from' },
          { text: 'A comparison', link: '/guide/comparison' },
          { text: 'Versions', link: '/versions' },
        ],
      },
      {
        text: 'Programs',
        items: [
          { text: 'How to run them', link: '/programs/' },
          ...namesIn('examples/programs/src', /^([^.]+)\.ts$/).map(name => ({
            text: titleOf(name),
            link: `/programs/${name}`,
          })),
          { text: 'File transfer', link: '/programs/file-transfer' },
          { text: 'A page for files', link: '/programs/drop' },
        ],
      },
      {
        text: 'Packages',
        items: namesIn('packages', /^([\w-]+)$/).map(name => ({ text: `@stt/${name}`, link: `/packages/${name}` })),
      },
      ...(changes.length > 0 ? [{ text: 'Changes', items: changes }] : []),
      {
        text: 'Reference',
        items: [
          { text: 'API', link: '/api/index.html', target: '_self' },
          { text: 'Protocol', link: '/protocol' },
          { text: 'Index of its rules', link: '/protocol-index' },
          { text: 'Reference values', link: '/vectors' },
          { text: 'Performance', link: '/performance' },
          { text: 'Goodput over UDP', link: '/udp-goodput' },
          { text: 'Architecture', link: '/architecture' },
        ],
      },
      {
        text: 'Security',
        items: [
          { text: 'Threat model', link: '/security' },
          { text: 'What to review first', link: '/review' },
          { text: 'Test report', link: '/test-report' },
        ],
      },
    ],
  },
})
