/**
 * `sesame completion`: completion of commands and options for a shell, as a script that needs no call of the command.
 */
import { Argument, type Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { commandsOf, pathOf } from './command-tree.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function registerCompletion(program: Command, { print }: CommandContext): void {
  program.commandsGroup('Help:')
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .description('print a script that completes commands and options')
    .action(async (shell: Shell) => void (await print(scripts[shell](nodesOf(program)))))
}

/** One command: what may follow it, and the values of its options. */
type Node = {
  /** With a space before each word; empty for the program. */
  readonly path: string
  readonly children: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly {
    readonly flag: string
    readonly description: string
    readonly choices: readonly string[]
  }[]
}

const nodesOf = (program: Command): Node[] =>
  commandsOf(program).map((command) => ({
    path: pathOf(command) === '' ? '' : ` ${pathOf(command)}`,
    children: command.commands.map((child) => ({ name: child.name(), description: child.description() })),
    options: command.options
      .filter(({ hidden, long }) => !hidden && long)
      .map(({ long, description, argChoices }) => ({ flag: String(long), description, choices: argChoices ?? [] })),
  }))

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const wordsOf = ({ children, options }: Node) => [
  ...children.map(({ name }) => name),
  ...options.map(({ flag }) => flag),
]
const pathsOf = (nodes: readonly Node[]) => nodes.flatMap(({ path }) => (path === '' ? [] : [path]))
const choicesOf = (nodes: readonly Node[]) =>
  nodes.flatMap(({ path, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(({ flag, choices }) => ({ key: `${path} ${flag}`, choices })),
  )

/** The part that bash and zsh share: `at` becomes the path of the command, then `found` the words that may follow. */
const posixBody = (nodes: readonly Node[]) => `\
  local at="" word found=""
  for word in "\${before[@]}"; do
    case "$at $word" in
      ${pathsOf(nodes).map(quoted).join('|')}) at="$at $word" ;;
    esac
  done
  case "$at $previous" in
${choicesOf(nodes)
  .map(({ key, choices }) => `    ${quoted(key)}) found=${quoted(choices.join(' '))} ;;`)
  .join('\n')}
  esac
  [ -n "$found" ] || case "$at" in
${nodes.map((node) => `    ${quoted(node.path)}) found=${quoted(wordsOf(node).join(' '))} ;;`).join('\n')}
  esac`

const scripts: Readonly<Record<Shell, (nodes: readonly Node[]) => string>> = {
  bash: (nodes) => `\
# bash completion of sesame. Load it in ~/.bashrc: source <(sesame completion bash)
_sesame() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${posixBody(nodes)}
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o default -F _sesame sesame`,

  zsh: (nodes) => `\
#compdef sesame
# zsh completion of sesame. Load it in ~/.zshrc, after compinit: source <(sesame completion zsh)
_sesame() {
  local previous="\${words[CURRENT-1]}"
  local before=("\${(@)words[2,CURRENT-1]}")
${posixBody(nodes)}
  compadd -- \${=found}
  _files
}
compdef _sesame sesame`,

  fish: (nodes) => `\
# fish completion of sesame. Load it in ~/.config/fish/config.fish: sesame completion fish | source
function __sesame_at
  set -l at ""
  for word in (commandline -opc)[2..]
    contains -- "$at $word" ${pathsOf(nodes).map(quoted).join(' ')}
    and set at "$at $word"
  end
  test "$at" = "$argv[1]"
end
${nodes
  .flatMap(({ path, children, options }) => {
    const at = `complete -c sesame -n ${quoted(`__sesame_at ${quoted(path)}`)}`
    return [
      ...children.map(({ name, description }) => `${at} -a ${quoted(name)} -d ${quoted(description)}`),
      ...options.map(({ flag, description, choices }) => {
        const values = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ''
        return `${at} -l ${flag.slice(2)}${values} -d ${quoted(description)}`
      }),
    ]
  })
  .join('\n')}`,
}
