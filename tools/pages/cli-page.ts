/**
 * docs/cli.md: the reference of the `sesame` command, from the commands themselves: options, examples, exit codes, and what failures look like.
 */
import type { Command } from 'commander'
import { commandsOf, pathOf } from '../../src/cli/command-tree.ts'
import { examplesOf } from '../../src/cli/examples.ts'
import { exitCodeTexts } from '../../src/cli/exit-codes.ts'
import { explainError } from '../../src/cli/explain-error.ts'
import { createProgram } from '../../src/cli/program.ts'
import { wrapped } from '../../src/cli/text-width.ts'

/** Columns of the terminal that the page shows. */
const terminalWidth = 80

const opening = `\
# The sesame command

<!-- Written by npm run generate from src/cli. -->

The \`sesame\` command manages projects, their connections to SES accounts, and their suppression lists. It works with your own AWS
credentials, and needs the permissions of the role [operator](../iam/operator.yml). In a checkout, run it with \`npx sesame\`.
[Installation elsewhere](#installation).
`

const conventions = `
## Conventions

- **Deployment.** \`--stage\`, \`--region\` and \`--profile\` stand before or after the name of a command. Without them, \`SESAME_STAGE\`,
  \`AWS_REGION\` and the usual settings of AWS decide. \`connect\` and \`roles explain\` have a \`--region\` of their own; there, the region of
  the deployment stands before the name of the command. \`identities\` and \`templates\` use the HTTP API, whose URL is in
  \`SESAME_ENDPOINT\`: the output \`HttpApiUrl\` of the stack.
- **Output.** \`--output table\`, \`json\` or \`csv\`. JSON is one object per line, in full; \`check\`, \`project show\` and the like print one
  object over several lines. CSV is for spreadsheets: a cell that would be a formula begins with an apostrophe. \`--json\` is short for
  \`--output json\`. Results go to standard output, progress and errors to standard error.
- **Terminal.** A table takes the width of the terminal. Into a file or a pipe it is as wide as it needs to be. Colour and progress are shown
  on a terminal only; \`NO_COLOR\` switches colour off. Control characters in addresses, diagnostic texts and dead letters are printed as
  \`\\u001b\`: text from outside cannot control your terminal.
- **Confirmation.** What cannot be undone is asked for on a terminal. In a script it needs \`--yes\`.
- **Your name.** Each change is stored with a name, by default that of your user on this computer; \`--by\` gives another.
`

const installation = `
## Installation

In a checkout, \`npx sesame\` installs what it needs and runs on the pinned Node version. To run it from any folder as \`sesame\`:

\`\`\`sh
npm link
\`\`\`

Elsewhere, install the package that a checkout makes. It needs Node 22 or later:

\`\`\`sh
npm install --global "$(npm pack --silent)"
\`\`\`

The package is called \`sesame-ses\`; its command is \`sesame\`. Where neither is installed, do not run \`npx sesame\`: the package \`sesame\` of
the public npm registry is another program.

Completion of commands and options: \`source <(sesame completion bash)\` in \`~/.bashrc\`, the same with \`zsh\` in \`~/.zshrc\`, or
\`sesame completion fish | source\` in \`config.fish\`.
`

export function cliPage(): string {
  const program = createProgram(
    { stack: noStack, print: () => {}, now: () => new Date(0) },
    { out: () => {}, error: () => {} },
  )
  const commands = commandsOf(program).filter(({ commands, parent }) => parent !== null && commands.length === 0)
  return [
    opening,
    exitCodes(),
    conventions,
    installation,
    `\n## What sesame --help prints\n\n${block('text', `$ sesame --help\n${helpOf(program)}`)}`,
    failures(),
    '\n## Commands\n',
    ...commands.map(commandSection),
  ].join('')
}

const noStack = () => {
  throw new Error('The page needs no stack')
}

const block = (language: string, text: string) => `\`\`\`${language}\n${text.trim()}\n\`\`\`\n`

const exitCodes = () =>
  `\n## Exit codes\n\n| code | meaning |\n|---|---|\n${exitCodeTexts.map(([code, meaning]) => `| ${code} | ${meaning} |`).join('\n')}\n\n${block('sh', 'sesame check acme ada@customer.example && echo "may be mailed"')}`

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    ...command.configureOutput(),
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => terminalWidth,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return text
}

/** One failure of each kind: what was typed, and the error that AWS or the system gives. */
const failureKinds: readonly (readonly [kind: string, typed: string, error: object, endpoint?: string])[] = [
  ['No region', 'sesame list acme', new Error('Region is missing')],
  [
    'No credentials',
    'sesame list acme',
    errorOf('CredentialsProviderError', 'Could not load credentials from any providers'),
  ],
  [
    'Expired credentials',
    'sesame list acme',
    errorOf('ExpiredTokenException', 'The security token included in the request is expired'),
  ],
  [
    'Another stage',
    'sesame list acme --stage production',
    errorOf('ResourceNotFoundException', 'Requested resource not found'),
  ],
  [
    'A missing permission',
    'sesame list acme',
    errorOf(
      'AccessDeniedException',
      'User: arn:aws:sts::123456789012:assumed-role/developer/ann is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-east-1:123456789012:table/sesame-dev-projects because no identity-based policy allows the dynamodb:Query action',
    ),
  ],
  [
    '`npm start` has ended',
    'sesame list acme',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    'http://127.0.0.1:4566',
  ],
  [
    'Keys of another `npm start`',
    'sesame list acme',
    errorOf('UnrecognizedClientException', 'invalid'),
    'http://127.0.0.1:4566',
  ],
  ['AWS limits the calls', 'sesame reconcile acme', errorOf('ThrottlingException', 'Rate exceeded')],
]

function errorOf(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

function failures(): string {
  const shown = failureKinds.map(([kind, typed, error, endpoint]) => {
    const stage = / --stage (\w+)/.exec(typed)?.[1] ?? 'dev'
    const text = explainError(error, { stage, region: 'us-east-1', endpoint })
    return `\n${kind}:\n\n${block('text', `$ ${typed}\n${wrapped(`sesame: ${text}`, terminalWidth).join('\n')}`)}`
  })
  return `\n## What failures look like\n${shown.join('')}`
}

/** Options that every command has are described once. */
const common = new Set(['--stage', '--region', '--profile', '--json', '--yes', '--by', '--output'])

function commandSection(command: Command): string {
  const path = pathOf(command)
  const own = command.options.filter(({ long, hidden, helpGroupHeading }) => {
    if (hidden || long === undefined) return false
    return !common.has(long) || (long === '--region' && helpGroupHeading === undefined)
  })
  const shared = command.options.flatMap(({ long }) =>
    long && ['--output', '--yes', '--by'].includes(long) ? [`\`${long}\``] : [],
  )
  const rows = own.map(({ flags, description, argChoices, defaultValueDescription }) => {
    const more = [
      argChoices && `one of ${argChoices.join(', ')}`,
      defaultValueDescription && `default: ${defaultValueDescription}`,
    ].filter(Boolean)
    return `| \`${flags.replaceAll('|', '\\|')}\` | ${[description, ...more].join('; ')} |`
  })
  return [
    `\n### sesame ${path}\n\n${sentence(command.description())}\n\n`,
    block('sh', examplesOf(path).join('\n')),
    ...(rows.length > 0 ? [`\n| option | meaning |\n|---|---|\n${rows.join('\n')}\n`] : []),
    ...(shared.length > 0 ? [`\nAlso: ${shared.join(', ')}.\n`] : []),
  ].join('')
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
