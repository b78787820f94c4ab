import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { childEnvironment } from '../../environment.mjs'

test('what npx says of the command that it runs reaches no program that a task starts', () => {
  const ofNpx = {
    npm_config_call: 'npm test',
    NPM_CONFIG_PACKAGE: 'node@26',
    npm_config_workspace: 'a',
    npm_config_workspaces: 'true',
    npm_command: 'exec',
    npm_lifecycle_event: 'npx',
    npm_lifecycle_script: 'npm test',
    npm_package_name: 'stt',
    npm_package_json: 'package.json',
  }
  const ofTheUser = {
    PATH: '/bin',
    npm_config_registry: 'a registry',
    npm_config_cache: 'a cache',
    npm_config_userconfig: 'a file',
    npm_config_user_agent: 'npm',
    HTTPS_PROXY: 'a proxy',
    STT_SEEDS: '3',
  }
  const given = childEnvironment({ ...ofNpx, ...ofTheUser })
  for (const name of Object.keys(ofNpx)) expect(given).not.toHaveProperty(name)
  expect(given).toMatchObject(ofTheUser)
})

test('nothing reports to anybody, or looks for newer versions', () => {
  expect(childEnvironment({ TURBO_TELEMETRY_DISABLED: '0' })).toMatchObject({
    ...{ TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1', NO_UPDATE_NOTIFIER: '1' },
    npm_config_update_notifier: 'false',
  })
})

test('an npx within an npx runs what it is asked for', () => {
  // As `npx -c` leaves it to what it runs; without the cleaning npx would run `false`.
  const environment = childEnvironment({ ...process.env, npm_config_call: 'false' })
  const { status, stdout } = spawnSync('npx', ['--no', '--', 'node', '-p', '6 * 7'], {
    env: environment as NodeJS.ProcessEnv,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  expect([status, stdout.trim()]).toEqual([0, '42'])
})

test('every program that the tasks start has that environment', () => {
  for (const file of ['run.mjs', 'ci.mjs']) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    expect(text.match(/process\.env(?!\.)/g)?.length ?? 0, file).toBe(1)
    expect(text).toContain('childEnvironment(process.env)')
  }
})
