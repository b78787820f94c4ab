import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Application, Converter, PageEvent, type TypeDocOptions } from 'typedoc'
import { accessiblePage } from './reference-page.ts'

/** Writes the reference of every package's exports, from their docstrings. @throws where TypeDoc finds an error */
export async function writeReference(root: string, destination: string, base: string, source: string): Promise<void> {
  const packages = readdirSync(join(root, 'packages')).filter(name => name !== 'cli')
  const options: Partial<TypeDocOptions> = {
    name: 'STT',
    entryPoints: [...packages.map(name => `${name}/src`), 'rendezvous/src/server', 'stream/src/segments'].map(folder =>
      join(root, 'packages', folder, 'index.ts'),
    ),
    tsconfig: join(root, 'site/typedoc.tsconfig.json'),
    basePath: join(root, 'packages'),
    readme: 'none',
    customCss: join(root, 'site/src/reference.css'),
    customJs: join(root, 'site/src/reference.js'),
    // The types are checked by themselves, of all packages at once.
    skipErrorChecking: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableGit: true,
    sourceLinkTemplate: `${source}/blob/main/packages/{path}#L{line}`,
    gitRevision: 'main',
    navigation: { includeFolders: false },
    navigationLinks: { Documentation: base },
    validation: { invalidLink: true, notExported: false, notDocumented: false },
    logLevel: 'Warn',
  }
  const application = await Application.bootstrap(options)
  // Warnings are of docstrings: a link that leads nowhere, a tag in a wrong place.
  const isBad = (): boolean => application.logger.hasErrors() || application.logger.hasWarnings()
  // A module is called what a program imports.
  application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = `@stt/${module.name.replace(/\/src(?=\/|$)/, '')}`
  })
  application.renderer.on(PageEvent.END, page => {
    page.contents = accessiblePage(page.contents ?? '')
  })
  const project = await application.convert()
  if (!project || isBad()) throw new Error('TypeDoc could not read the packages as they are documented')
  application.validate(project)
  await application.generateDocs(project, destination)
  if (isBad()) throw new Error('TypeDoc could not write the reference')
}
