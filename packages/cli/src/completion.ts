import type { Command, Option } from 'commander'
import { CliError } from './cli-error.ts'
import { ExitCode } from './exit-codes.ts'

/**
 * Gives a shell script that completes verbs, options and, by `stt list --quiet`, names of pairings.
 *
 * @throws CliError for a shell other than bash, zsh and fish
 */
export function completionFor(shell: string, program: Command): string {
  const write = WRITERS[shell as keyof typeof WRITERS]
  if (!Object.hasOwn(WRITERS, shell)) {
    throw new CliError(ExitCode.usage, 'completions are there for bash, zsh and fish')
  }
  return write(program.commands.filter(command => command.name() !== 'help').map(verbOf))
}

interface CompletedVerb {
  readonly name: string
  readonly about: string
  readonly options: readonly { readonly flag: string; readonly about: string; readonly takesValue: boolean }[]
  /** Whether its first word is the name of a pairing. */
  readonly takesName: boolean
  readonly takesFiles: boolean
  /** Its own verbs, by name; their options are among its own. */
  readonly verbs: readonly string[]
}

function verbOf(command: Command): CompletedVerb {
  const [first] = command.registeredArguments
  const own = command.commands.filter(each => each.name() !== 'help')
  const options = [...command.options, ...own.flatMap(each => each.options)]
  const byFlag = new Map(options.map(option => [option.long, option]))
  return {
    name: command.name(),
    about: command.description(),
    options: [...byFlag.values(), { long: '--help', description: 'show this page', required: false } as Option]
      .filter(({ long }) => long)
      .map(({ long, description, required }) => ({ flag: long!, about: description, takesValue: required })),
    takesName: first?.name() === 'NAME' && command.name() !== 'pair',
    takesFiles: first?.name() === 'PATH' || own.length > 0,
    verbs: own.map(each => each.name()),
  }
}

/** Options whose value is one of these. */
const isName = (flag: string): boolean => flag === '--to' || flag === '--for'
const isFolder = (flag: string): boolean => flag === '--into'

function bash(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map(
    ({ name, options, takesName, takesFiles, verbs: own }) => `    ${name})
      ${own.length > 0 ? `if (( COMP_CWORD == 2 )); then COMPREPLY=($(compgen -W "${own.join(' ')}" -- "$cur")); return; fi` : ''}
      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "${options.map(({ flag }) => flag).join(' ')}" -- "$cur"))
      ${takesName ? 'elif (( COMP_CWORD == 2 )); then COMPREPLY=($(compgen -W "$(stt list --quiet 2>/dev/null)" -- "$cur"))' : takesFiles ? 'else COMPREPLY=($(compgen -f -- "$cur"))' : 'else :'}
      fi ;;`,
  )
  return `# bash completion of stt
_stt() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(' ')} help" -- "$cur"))
    return
  fi
  case $prev in
    --to|--for) COMPREPLY=($(compgen -W "$(stt list --quiet 2>/dev/null)" -- "$cur")); return ;;
    --into) COMPREPLY=($(compgen -d -- "$cur")); return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
}
complete -o filenames -F _stt stt`
}

function zsh(verbs: readonly CompletedVerb[]): string {
  const quoted = (text: string): string =>
    text.replaceAll("'", "'\\''").replaceAll(':', '\\:').replace(/[[\]]/g, '\\$&')
  const cases = verbs.map(({ name, options, takesName, takesFiles, verbs: own }) => {
    const specs = options.map(({ flag, about, takesValue }) => {
      const value = isName(flag)
        ? ':pairing:_stt_names'
        : isFolder(flag)
          ? ':folder:_files -/'
          : takesValue
            ? ':value:'
            : ''
      return `'${flag}[${quoted(about)}]${value}'`
    })
    if (takesName) specs.push("'1:pairing:_stt_names'")
    if (own.length > 0) specs.push(`'1:verb:(${own.join(' ')})'`)
    if (takesFiles) specs.push("'*:file:_files'")
    return `    ${name}) _arguments ${specs.join(' ')} ;;`
  })
  return `#compdef stt
_stt_names() { local -a names; names=(\${(f)"$(stt list --quiet 2>/dev/null)"}); compadd -a names }
_stt() {
  local -a verbs
  verbs=(${verbs.map(({ name, about }) => `'${name}:${quoted(about)}'`).join(' ')})
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _stt ]; then _stt "$@"; else compdef _stt stt; fi`
}

function fish(verbs: readonly CompletedVerb[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = verbs.flatMap(({ name, about, options, takesName, takesFiles, verbs: own }) => {
    const here = `-n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c stt -f -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
      ...options.map(({ flag, about: what, takesValue }) => {
        const value = isName(flag)
          ? " -x -a '(stt list --quiet 2>/dev/null)'"
          : isFolder(flag)
            ? " -x -a '(__fish_complete_directories)'"
            : takesValue
              ? ' -x'
              : ''
        return `complete -c stt ${here} -l ${flag.slice(2)} -d ${quoted(what)}${value}`
      }),
      ...(takesName ? [`complete -c stt -f ${here} -a '(stt list --quiet 2>/dev/null)'`] : []),
      ...(own.length > 0 ? [`complete -c stt -f ${here} -a '${own.join(' ')}'`] : []),
      ...(takesFiles ? [`complete -c stt -F ${here}`] : []),
    ]
  })
  return `# fish completion of stt\n${lines.join('\n')}`
}

const WRITERS = { bash, zsh, fish } as const
