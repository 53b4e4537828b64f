/**
 * The IAM actions that an entry file can reach: bundled with the AWS SDK left outside, it imports exactly the commands that survive tree
 * shaking, and the action table says what each command needs.
 */
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { grants } from '../../src/access/session/customer-actions.ts'
import { actionsOf } from '../../src/policy/actions.ts'

const root = resolve(import.meta.dirname, '../..')

/** SDK package → the name that its calls are signed with. */
const services: Readonly<Record<string, string>> = {
  'client-dynamodb': 'dynamodb',
  'client-dynamodb-streams': 'dynamodb',
  'client-eventbridge': 'events',
  'client-lambda': 'lambda',
  'client-sesv2': 'ses',
  'client-sns': 'sns',
  'client-sqs': 'sqs',
  'client-sts': 'sts',
}

/** A transaction needs the actions of the items in it, and of them only those that the code names. */
const transactionItems: Readonly<Record<string, string>> = {
  'dynamodb:ConditionCheckItem': 'ConditionCheck',
  'dynamodb:DeleteItem': 'Delete',
  'dynamodb:PutItem': 'Put',
  'dynamodb:UpdateItem': 'Update',
}

/** Links that our code signs by hand (src/access/role/signed-link.ts): what they let their holder do. */
const signedByHand: Readonly<Record<string, string>> = { GET: 's3:GetObject', PUT: 's3:PutObject' }

function linksIn(code: string): string[] {
  const methods = [...code.matchAll(/\bsign\("(\w+)"\)/g)].map(([, method = '']) => signedByHand[method])
  if (code.includes('X-Amz-SignedHeaders') && (methods.length === 0 || methods.includes(undefined)))
    throw new Error('A link is signed for something that the action table does not know')
  return methods.flatMap((action) => action ?? [])
}

/** A session with a source identity or tags needs permissions of their own. */
const sessionExtras: Readonly<Record<string, string>> = {
  'sts:SetSourceIdentity': 'SourceIdentity',
  'sts:TagSession': 'Tags',
}

/** Sent to customers' topics and to ours. */
const alsoToOurTopics = ['sns:GetTopicAttributes', 'sns:SetTopicAttributes']

/** What is sent in customers' accounts, with sessions of their roles: iam/customer-access.yml grants it, no role of ours does. */
const inCustomersAccounts = grants
  .flatMap(({ commands }) => commands)
  .filter((command) => !alsoToOurTopics.includes(command))

async function codeOf(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['@aws-sdk/*'],
  })
  return outputFiles.map(({ text }) => text).join('\n')
}

/** `dynamodb:Query`, … for each command imported, also through its paginator. What could reach more than it names is an error. */
export function commandsIn(code: string): string[] {
  const imports = [...code.matchAll(/^import\s+([^;]*?)\s*from\s*"@aws-sdk\/([^"]+)"/gm)]
  const commands = imports.flatMap(([, clause = '', module = '']) => {
    const service = services[module]
    if (service === undefined) throw new Error(`@aws-sdk/${module} belongs to no service that the action table knows`)
    if (!clause.startsWith('{')) throw new Error(`import ${clause} from @aws-sdk/${module} can reach every command`)
    return clause
      .replace(/[{}]/g, '')
      .split(',')
      .map((name) => name.trim().split(' ')[0] ?? '')
      .flatMap((name) => {
        const [, command, paginated] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name) ?? []
        if (/^waitUntil/.test(name) || /^(DynamoDB|DynamoDBStreams|Lambda|SESv2|SNS|SQS|STS)$/.test(name))
          throw new Error(`${name} can reach commands that it does not name`)
        return command || paginated ? [`${service}:${command ?? paginated}`] : []
      })
  })
  if (/(require|import)\(\s*["']@aws-sdk/.test(code)) throw new Error('An import at run time can reach every command')
  return [...new Set(commands)].sort()
}

export async function reachableActions(entry: string): Promise<Set<string>> {
  const code = await codeOf(entry)
  const commands = commandsIn(code).filter((command) => !inCustomersAccounts.includes(command))
  const sessions = [...code.matchAll(/new AssumeRoleCommand\((.*?)\)\s*\)/gs)].map(([text]) => text).join()
  const isUsed = (action: string): boolean => {
    const item = transactionItems[action]
    if (item !== undefined && commands.includes('dynamodb:TransactWriteItems') && !commands.includes(action))
      return new RegExp(`\\b${item}:`).test(code)
    const extra = sessionExtras[action]
    return extra === undefined || new RegExp(`\\b${extra}\\b`).test(sessions)
  }
  // Sent by hand (src/access/proof/probe-function.ts).
  const invocations = code.includes('/2015-03-31/functions/') ? ['lambda:InvokeFunction'] : []
  return new Set([...commands.flatMap(actionsOf).filter(isUsed), ...linksIn(code), ...invocations])
}
