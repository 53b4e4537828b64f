/**
 * The IAM actions that an entry file can reach. The file is bundled without the AWS SDK, so the bundle imports exactly the commands that
 * survive tree shaking. The action table maps each command to actions.
 */
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { grants } from '../../src/access/session/customer-actions.ts'
import { actionsOf } from '../../src/policy/actions.ts'

const root = resolve(import.meta.dirname, '../..')

/** SDK package → service name in signatures. */
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

/** A transaction needs the actions of its items. Only those count that the code names. */
const transactionItems: Readonly<Record<string, string>> = {
  'dynamodb:ConditionCheckItem': 'ConditionCheck',
  'dynamodb:DeleteItem': 'Delete',
  'dynamodb:PutItem': 'Put',
  'dynamodb:UpdateItem': 'Update',
}

/** The actions of links that the code signs itself (src/access/role/signed-link.ts), by method. */
const signedByHand: Readonly<Record<string, string>> = { GET: 's3:GetObject', PUT: 's3:PutObject' }

function linksIn(code: string): string[] {
  const methods = [...code.matchAll(/\bsign\("(\w+)"\)/g)].map(([, method = '']) => signedByHand[method])
  if (code.includes('X-Amz-SignedHeaders') && (methods.length === 0 || methods.includes(undefined)))
    throw new Error('The code signs a link for a method without an action: add it to signedByHand')
  return methods.flatMap((action) => action ?? [])
}

/** A session with a source identity or tags needs further permissions. */
const sessionExtras: Readonly<Record<string, string>> = {
  'sts:SetSourceIdentity': 'SourceIdentity',
  'sts:TagSession': 'Tags',
}

/** Commands for topics of customers and of the stack. */
const alsoInOurAccount = ['sns:GetTopicAttributes', 'sns:SetTopicAttributes']

/** Commands in customers' accounts, with sessions of their roles. iam/customer-access.yml grants them, and no role of the stack does. */
const inCustomersAccounts = grants
  .flatMap(({ commands }) => commands)
  .filter((command) => !alsoInOurAccount.includes(command))

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

/**
 * `dynamodb:Query`, … for each command that the code imports, also through a paginator.
 *
 * @throws Error for an import that can reach commands that it does not name
 */
export function commandsIn(code: string): string[] {
  const imports = [...code.matchAll(/^import\s+([^;]*?)\s*from\s*"@aws-sdk\/([^"]+)"/gm)]
  const commands = imports.flatMap(([, clause = '', module = '']) => {
    const service = services[module]
    if (service === undefined) throw new Error(`@aws-sdk/${module} is not in the table of services: add it`)
    if (!clause.startsWith('{'))
      throw new Error(`import ${clause} from @aws-sdk/${module} can reach every command: import the commands by name`)
    return clause
      .replace(/[{}]/g, '')
      .split(',')
      .map((name) => name.trim().split(' ')[0] ?? '')
      .flatMap((name) => {
        const [, command, paginated] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name) ?? []
        if (/^waitUntil/.test(name) || /^(DynamoDB|DynamoDBStreams|Lambda|SESv2|SNS|SQS|STS)$/.test(name))
          throw new Error(`${name} can reach commands that it does not name: use the client and its commands`)
        return command || paginated ? [`${service}:${command ?? paginated}`] : []
      })
  })
  // A credential provider has no command.
  if (/(require|import)\(\s*["']@aws-sdk\/(?!credential-provider-node["'])/.test(code))
    throw new Error('An import at run time can reach every command: import the commands by name')
  return [...new Set(commands)].sort()
}

export async function reachableActions(entry: string): Promise<Set<string>> {
  const code = await codeOf(entry)
  const commands = commandsIn(code).filter((command) => !inCustomersAccounts.includes(command))
  const sessions = [...code.matchAll(/new AssumeRoleCommand\d*\((.*?)\)\s*\)/gs)].map(([text]) => text).join()
  const isUsed = (action: string): boolean => {
    const item = transactionItems[action]
    if (item !== undefined && commands.includes('dynamodb:TransactWriteItems') && !commands.includes(action))
      return new RegExp(`\\b${item}:`).test(code)
    const extra = sessionExtras[action]
    return extra === undefined || new RegExp(`\\b${extra}\\b`).test(sessions)
  }
  // The code sends this call itself (src/access/proof/probe-function.ts).
  const invocations = code.includes('/2015-03-31/functions/') ? ['lambda:InvokeFunction'] : []
  // The client of the HTTP API signs its requests itself (src/client/sign.ts).
  const requests = /"execute-api",\s*"aws4_request"/.test(code) ? ['execute-api:Invoke'] : []
  return new Set([...commands.flatMap(actionsOf).filter(isUsed), ...linksIn(code), ...invocations, ...requests])
}
