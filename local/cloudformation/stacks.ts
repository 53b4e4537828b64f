/** The stacks of all accounts and regions, with their change sets and events. */
import type { Ids } from '../ids.ts'
import { AwsError, type ServiceCall } from '../service.ts'
import type { EvaluatedTemplate } from './evaluate-template.ts'

export const stackStatuses = [
  'REVIEW_IN_PROGRESS',
  'CREATE_COMPLETE',
  'ROLLBACK_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'DELETE_COMPLETE',
  'DELETE_FAILED',
] as const
export type StackStatus = (typeof stackStatuses)[number]

export type StackEvent = {
  EventId: string
  StackId: string
  StackName: string
  LogicalResourceId: string
  ResourceType: string
  ResourceStatus: string
  ResourceStatusReason?: string
  Timestamp: Date
}

export type ChangeSet = {
  id: string
  name: string
  status: 'CREATE_COMPLETE' | 'FAILED'
  executed: boolean
  reason?: string
  text: string
  evaluated: EvaluatedTemplate
}

export type Stack = {
  readonly id: string
  readonly name: string
  readonly createdAt: Date
  status: StackStatus
  reason?: string
  capabilities: readonly string[]
  tags: readonly object[]
  /** What the stack consists of. Absent until the first execution. */
  current?: { text: string; evaluated: EvaluatedTemplate }
  readonly changeSets: Map<string, ChangeSet>
  readonly events: StackEvent[]
}

/** Makes the stack what the template says, or leaves it as it was. */
export type Execute = (call: ServiceCall, stack: Stack, text: string, evaluated: EvaluatedTemplate) => Promise<void>

export function createStacks(ids: Ids) {
  const stacks = new Map<string, Stack>()
  const keyOf = ({ account, region }: ServiceCall, name: string) => `${account}/${region}/${name}`
  const nameIn = (nameOrId: string) => /:stack\/([^/]+)\//.exec(nameOrId)?.[1] ?? nameOrId

  return {
    ids,
    all: stacks,
    idFor: ({ account, region }: ServiceCall, name: string) =>
      `arn:aws:cloudformation:${region}:${account}:stack/${name}/${ids.uuid()}`,
    find: (call: ServiceCall, nameOrId: string): Stack | undefined => stacks.get(keyOf(call, nameIn(nameOrId))),
    /** @throws AwsError ValidationError, in the words that the AWS CLI looks for */
    get(call: ServiceCall, nameOrId: string): Stack {
      const stack = stacks.get(keyOf(call, nameIn(nameOrId)))
      if (stack) return stack
      throw new AwsError('ValidationError', `Stack with id ${nameOrId} does not exist`)
    },
    of: ({ account, region }: ServiceCall): Stack[] =>
      [...stacks].filter(([key]) => key.startsWith(`${account}/${region}/`)).map(([, stack]) => stack),
    add(call: ServiceCall, stack: Stack): Stack {
      stacks.set(keyOf(call, stack.name), stack)
      return stack
    },
    delete: (call: ServiceCall, { name }: Stack): boolean => stacks.delete(keyOf(call, name)),
    /** Notes an event of the stack itself or of one of its resources. */
    note(stack: Stack, at: Date, status: string, reason?: string, resource?: { id: string; type: string }): void {
      stack.events.unshift({
        EventId: ids.uuid(),
        StackId: stack.id,
        StackName: stack.name,
        LogicalResourceId: resource?.id ?? stack.name,
        ResourceType: resource?.type ?? 'AWS::CloudFormation::Stack',
        ResourceStatus: status,
        ...(reason !== undefined && { ResourceStatusReason: reason }),
        Timestamp: at,
      })
    },
  }
}

export type Stacks = ReturnType<typeof createStacks>
