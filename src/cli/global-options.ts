/**
 * The options that every command takes, before the command's name or after it: which deployment, in which region, with which credentials.
 *
 * `connect` and `roles explain` have a `--region` of their own, which means something else. There, ours stands before the command's name.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Settings } from './explain-error.ts'

const globalOptions = () => [
  new Option('--stage <name>', 'stage of the deployment (default: SESAME_STAGE, or dev)').argParser(name),
  new Option('--region <name>', 'region of the deployment (default: AWS_REGION)').argParser(name),
  new Option('--profile <name>', 'profile of the AWS credentials (default: AWS_PROFILE)').argParser(name),
]

function name(text: string): string {
  if (!/^[\w.-]+$/.test(text)) throw new InvalidArgumentError('Give a name of letters, digits and hyphens.')
  return text
}

/** The options that were added here, to tell them from a command's own option of the same name. */
const added = new WeakSet<Option>()

/** Adds the options to a command and to all commands below it. */
export function addGlobalOptions(command: Command): void {
  for (const option of globalOptions()) {
    if (command.options.some(({ long }) => long === option.long)) continue
    added.add(option)
    command.addOption(option.helpGroup('Deployment:'))
  }
  for (const child of command.commands) addGlobalOptions(child)
}

/** The settings for a command: those given after its name, else before it, else those of the environment. */
export function settingsOf(command: Command, env: NodeJS.ProcessEnv): Settings {
  return {
    stage: given(command, 'stage') ?? (env.SESAME_STAGE || 'dev'),
    region: given(command, 'region') ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined),
    profile: given(command, 'profile') ?? (env.AWS_PROFILE || undefined),
    endpoint: env.AWS_ENDPOINT_URL || undefined,
  }
}

function given(command: Command, attribute: 'stage' | 'region' | 'profile'): string | undefined {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const option = at.options.find((one) => added.has(one) && one.attributeName() === attribute)
    const value: unknown = option && at.getOptionValue(attribute)
    if (typeof value === 'string') return value
  }
  return undefined
}
