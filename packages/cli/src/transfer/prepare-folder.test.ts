import { readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/stt.ts'
import { CliError } from '../cli-error.ts'
import { prepareFolder } from './prepare-folder.ts'

test('a folder is made, found behind a link, and left as it was, whatever a sender has put there', async () => {
  const above = temporaryFolder()
  const folder = join(above, 'new/folder')
  expect(await prepareFolder(folder)).toBe(realpathSync(folder))
  symlinkSync(folder, join(above, 'link'))
  const sent = ['.stt-probe-', `.stt-probe-${process.pid}`]
  for (const name of sent) writeFileSync(join(folder, name), '')
  expect(await prepareFolder(join(above, 'link'))).toBe(realpathSync(folder))
  expect(readdirSync(folder)).toEqual(sent)
})

test('what is no folder is told with its path and the reason', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(prepareFolder(file)).rejects.toEqual(new CliError(1, `cannot receive into ${file}: file already exists`))
})
