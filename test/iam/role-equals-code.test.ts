import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RoleFile } from '../../src/template/role-file.ts'
import { allFunctions, type FunctionBlock, queued, streamed } from '../deployment/service.ts'
import { commandsIn, reachableActions } from './reachable-actions.ts'
import { grantsOf, roleFiles } from './role-files.ts'

/** Calls that Lambda makes with the role of a function: it writes the log and sends failed events to the dead-letter queue. */
const ofThePlatform = ['logs:CreateLogStream', 'logs:PutLogEvents']
const ofItsDeadLetters = ['sqs:SendMessage']
const ofItsStream = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
]
const ofItsQueue = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']

/** Roles that an AWS service assumes itself: its actions, and the file in which the stack passes the role to the service. */
const ofServices: Readonly<Record<string, { actions: readonly string[]; named: string }>> = {
  'scheduler-target': { actions: ['lambda:InvokeFunction'], named: 'serverless.yml' },
  'sns-delivery-status': {
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    named: 'infra/topics.yml',
  },
}

const functionsUnder = (role: RoleFile) =>
  allFunctions.filter((one) => one.role['Fn::Sub'] === `\${${role.logicalId}.Arn}`)

/** The role in whose sessions the functions of the HTTP API reach tables: its actions are the table actions of their code. */
const dataRole = 'project-data'
const reachesDataInSessions = (one: FunctionBlock) => 'PROJECT_DATA_ROLE' in Object(one.environment)
/** Table actions of such functions with their own role: the rates of accounts belong to no project. */
const ownTableActions: Readonly<Record<string, readonly string[]>> = { 'email-sending': ['dynamodb:UpdateItem'] }
const isTableAction = (action: string) => action.startsWith('dynamodb:')

/** Entry files that run under a role: the command under the operator's role, handlers under the others. */
const entriesOf = (role: RoleFile): string[] =>
  role.name === 'operator'
    ? ['src/cli/sesame.ts']
    : (role.name === dataRole ? allFunctions.filter(reachesDataInSessions) : functionsUnder(role)).map(({ handler }) =>
        handlerFile(handler),
      )

const handlerFile = (handler: string): string => handler.replace(/\.handler$/, '.ts')

async function neededBy(role: RoleFile): Promise<Set<string>> {
  const functions = functionsUnder(role)
  const inSessions = new Set(functions.filter(reachesDataInSessions).map(({ handler }) => handlerFile(handler)))
  const reached = await Promise.all(
    entriesOf(role).map(async (entry) => {
      const isOwn = (action: string) =>
        role.name === dataRole
          ? isTableAction(action)
          : !(inSessions.has(entry) && isTableAction(action)) || ownTableActions[role.name]?.includes(action)
      return [...(await reachableActions(entry))].filter(isOwn)
    }),
  )
  return new Set([
    ...reached.flat(),
    ...(ofServices[role.name]?.actions ?? []),
    ...(functions.length > 0 ? ofThePlatform : []),
    ...(functions.some(({ destinations }) => destinations) ? ofItsDeadLetters : []),
    ...(functions.some((one) => streamed.includes(one)) ? [...ofItsStream, ...ofItsDeadLetters] : []),
    ...(functions.some((one) => queued.includes(one)) ? ofItsQueue : []),
  ])
}

function compare(role: RoleFile, needed: ReadonlySet<string>) {
  const allowed = grantsOf(role).flatMap(({ Statement }) => Statement.filter(({ Effect }) => Effect === 'Allow'))
  const granted = new Set(allowed.flatMap(({ Action = [] }) => Action))
  return {
    missing: [...needed].filter((action) => !granted.has(action)).sort(),
    unused: [...granted].filter((action) => !needed.has(action)).sort(),
  }
}

/** The role with its actions changed. */
const changed = (role: RoleFile, change: (actions: string[], sid: string) => string[]): RoleFile => ({
  ...role,
  properties: {
    ...role.properties,
    Policies: role.properties.Policies.map(({ PolicyName, PolicyDocument }) => {
      const document = v.parse(
        v.looseObject({
          Statement: v.array(v.looseObject({ Sid: v.string(), Action: v.union([v.string(), v.array(v.string())]) })),
        }),
        PolicyDocument,
      )
      const Statement = document.Statement.map((one) => ({ ...one, Action: change([one.Action].flat(), one.Sid) }))
      return {
        PolicyName,
        PolicyDocument: { ...document, Statement: Statement.filter(({ Action }) => Action.length > 0) },
      }
    }),
  },
})

/** Roles without any permission, which code only tries to assume: the setting of the function that names them. */
const controls: Readonly<Record<string, string>> = {
  'probe-control-open': 'CONTROL_OPEN',
  'probe-control-closed': 'CONTROL_CLOSED',
}

test.each(Object.entries(controls))(
  'role %s allows nothing, and is named by the setting %s of a function',
  (name, setting) => {
    const role = roleFiles.find((one) => one.name === name)
    expect(role && compare(role, new Set())).toEqual({ missing: [], unused: [] })
    const probe = allFunctions.find((one) => one.name === 'probe-connection')
    expect(JSON.stringify(probe)).toContain(`"${setting}":{"Fn::GetAtt":["${role?.logicalId}","Arn"]}`)
  },
)

const permitted = roleFiles.filter(({ name }) => controls[name] === undefined)

describe.each(permitted.map((role) => [role.name, role] as const))('role %s', (name, role) => {
  let needed: Set<string>
  beforeAll(async () => {
    needed = await neededBy(role)
  })

  test(`role ${name} is used`, () => {
    const service = ofServices[role.name]
    if (service)
      expect(readFileSync(new URL(`../../${service.named}`, import.meta.url), 'utf8')).toContain(role.logicalId)
    else expect(entriesOf(role)).not.toEqual([])
  })

  test(`role ${name} grants exactly the actions that its code can reach`, () => {
    expect(compare(role, needed)).toEqual({ missing: [], unused: [] })
  })

  test(`role ${name} fails the comparison if it lacks any action`, () => {
    for (const action of needed) {
      const narrower = changed(role, (actions) => actions.filter((one) => one !== action))
      expect(compare(narrower, needed)).toEqual({ missing: [action], unused: [] })
    }
  })

  test(`role ${name} fails the comparison if it grants another action`, () => {
    for (const action of ['dynamodb:DeleteTable', 'ses:SendEmail', 'iam:PassRole']) {
      const [first] = grantsOf(role)[0]?.Statement ?? []
      const wider = changed(role, (actions, sid) => (sid === first?.Sid ? [...actions, action] : actions))
      expect(compare(wider, needed)).toEqual({ missing: [], unused: [action] })
    }
  })
})

describe('the reachable commands of a bundle', () => {
  const from = (clause: string, module = 'client-dynamodb') => `import ${clause} from "@aws-sdk/${module}";\n`

  test('a bundle reaches each command that it imports, also under another name or through a paginator', () => {
    const code =
      from('{ DynamoDBClient, QueryCommand as Ask, paginateScan }') + from('{ InvokeCommand }', 'client-lambda')
    expect(commandsIn(code)).toEqual(['dynamodb:Query', 'dynamodb:Scan', 'lambda:Invoke'])
  })

  test.each([
    ['a client with a method for every command', from('{ DynamoDB }')],
    ['a waiter', from('{ waitUntilTableExists }')],
    ['a whole module', from('* as all')],
    ['a service that is not in the table', from('{ S3Client }', 'client-s3')],
    ['an import at run time', 'await import("@aws-sdk/client-dynamodb")'],
  ])('a bundle with %s is rejected', (_, code) => {
    expect(() => commandsIn(code)).toThrow()
  })
})
