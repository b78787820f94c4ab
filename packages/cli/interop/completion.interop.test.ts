import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Machine, temporaryFolder } from '../test/stt.ts'

/** What each shell offers behind words that were typed, asked of the shell itself. */
const SHELLS: Readonly<Record<string, (script: string, typed: string) => readonly string[]>> = {
  zsh(script, typed) {
    const folder = temporaryFolder()
    const [file, offered] = [join(folder, '_stt'), join(folder, 'offered')]
    writeFileSync(file, script)
    const { status, stderr } = run('zsh', ['-f'], ZSH, { STT_FILE: file, STT_OFFERED: offered, STT_TYPED: typed })
    if (status !== 0) throw new Error(stderr)
    return linesOf(spawnSync('sort', ['-u', offered], { encoding: 'utf8' }).stdout)
  },
  fish(script, typed) {
    const file = join(temporaryFolder(), 'stt.fish')
    writeFileSync(file, script)
    const ask = `${STT}\nsource $STT_FILE\ncomplete -C $STT_TYPED`
    const { status, stdout, stderr } = run('fish', ['--no-config', '-c', ask], '', { STT_FILE: file, STT_TYPED: typed })
    if (status !== 0 || stderr !== '') throw new Error(stderr)
    return linesOf(stdout).map(line => line.split('\t')[0]!)
  },
}

for (const [shell, offer] of Object.entries(SHELLS)) {
  const isThere = existsSync(`/usr/bin/${shell}`)
  describe.skipIf(!isThere)(isThere ? shell : `${shell}: SKIPPED, it is not installed`, () => {
    test('takes the script, and offers verbs, options and the names of pairings', async () => {
      const { stdout: script } = await new Machine().run(['completion', shell])
      const file = join(temporaryFolder(), 'script')
      writeFileSync(file, script)
      expect(run(shell, ['-n', file], '')).toMatchObject({ status: 0, stderr: '' })
      expect(offer(script, 'stt pi')).toEqual(['ping', 'pipe'])
      expect(offer(script, 'stt ping ')).toEqual(['desktop', 'laptop'])
      expect(offer(script, 'stt doctor ')).toEqual(['desktop', 'laptop'])
      expect(offer(script, 'stt relay --for ')).toEqual(['desktop', 'laptop'])
      expect(offer(script, 'stt ping --ti')).toEqual(['--timeout'])
      expect(offer(script, 'stt chamber g')).toEqual(['get'])
      expect(offer(script, 'stt chamber get --ra')).toEqual(['--range'])
      expect(offer(script, 'stt forward laptop --ad')).toEqual(['--address'])
    })
  })
}

function run(
  command: string,
  args: readonly string[],
  input: string,
  environment: Readonly<Record<string, string>> = {},
): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, HOME: temporaryFolder(), TERM: 'dumb', ...environment }
  return spawnSync(command, args, { input, encoding: 'utf8', env })
}

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean)

/** In place of the program: two pairings. */
const STT = `function stt; printf 'desktop\\nlaptop\\n'; end`
/** Types into a shell on a terminal of its own, and has what would be added there written down instead. */
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
say() { zpty -w shell "$1" }
say 'PS1=; autoload -Uz compinit; compinit -u -D'
say 'stt() { print -l desktop laptop }'
say 'compadd() { [[ " $* " == *" -"[OAD]* ]] && { builtin compadd "$@"; return }; local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && print -l -- $hits >> $STT_OFFERED; builtin compadd "$@" }'
say 'done-asking() { zle -I; print THE-END; exit }; zle -N done-asking; bindkey "^X" done-asking'
say 'source $STT_FILE'
say 'print READY'
zpty -r shell said '*READY*READY*'
zpty -w -n shell "$STT_TYPED"$'\\t\\x18'
zpty -r shell said '*THE-END*'
zpty -d shell
`
