/** Change sets: what `aws cloudformation deploy` makes, waits for and executes. */
import * as v from 'valibot'
import { AwsError, type Platform, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import type { ChangeSet, Execute, Stack, Stacks } from './stacks.ts'
import { evaluateInput, isUnchanged, readTemplateInput, type TemplateInput, templateTextOf } from './template-input.ts'

const byName = v.object({ StackName: v.string(), ChangeSetName: v.string() })
const creation = v.object({
  ...byName.entries,
  ChangeSetType: v.optional(v.picklist(['CREATE', 'UPDATE']), 'UPDATE'),
})

/** The text that the AWS CLI recognises. */
const nothingToChange =
  "The submitted information didn't contain changes. Submit different information to create a change set."

export function changeSetOperations(
  platform: Platform,
  stacks: Stacks,
  newStack: (call: ServiceCall, name: string, input: TemplateInput) => Stack,
  execute: Execute,
): Readonly<Record<string, ServiceOperation>> {
  /** @throws AwsError ChangeSetNotFound, ValidationError */
  function find(call: ServiceCall): { stack: Stack; changeSet: ChangeSet } {
    const { StackName, ChangeSetName } = readInput(byName, call, 'ValidationError')
    const stack = stacks.get(call, StackName)
    const changeSet = stack.changeSets.get(/:changeSet\/([^/]+)\//.exec(ChangeSetName)?.[1] ?? ChangeSetName)
    if (changeSet) return { stack, changeSet }
    throw new AwsError('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`, 404)
  }

  function stackFor(
    call: ServiceCall,
    { ChangeSetType: type, StackName: name }: v.InferOutput<typeof creation>,
    input: TemplateInput,
  ): Stack {
    const existing = stacks.find(call, name)
    const isNew = existing === undefined || existing.status === 'REVIEW_IN_PROGRESS'
    if (type === 'UPDATE' && isNew) throw new AwsError('ValidationError', `Stack [${name}] does not exist`)
    if (type === 'CREATE' && !isNew)
      throw new AwsError(
        'ValidationError',
        `Stack [${name}] already exists and cannot be created again with the changeSet [${name}].`,
      )
    return existing ?? newStack(call, name, input)
  }

  return {
    async CreateChangeSet(call) {
      const request = readInput(creation, call, 'ValidationError')
      const input = readTemplateInput(call)
      const stack = stackFor(call, request, input)
      const text = await templateTextOf(platform, input, stack)
      const evaluated = evaluateInput(call, input, text, stack)
      const { account, region } = call
      const name = request.ChangeSetName
      const id = `arn:aws:cloudformation:${region}:${account}:changeSet/${name}/${stacks.ids.uuid()}`
      const unchanged = isUnchanged(stack, evaluated)
      stack.changeSets.set(name, {
        id,
        name,
        status: unchanged ? 'FAILED' : 'CREATE_COMPLETE',
        executed: false,
        ...(unchanged && { reason: nothingToChange }),
        text,
        evaluated,
      })
      stacks.add(call, stack)
      return { Id: id, StackId: stack.id }
    },
    DescribeChangeSet(call) {
      const { stack, changeSet } = find(call)
      const { id, name, status, executed, reason, evaluated } = changeSet
      const before = new Set(stack.current?.evaluated.resources.map((resource) => resource.id))
      return {
        ChangeSetName: name,
        ChangeSetId: id,
        StackId: stack.id,
        StackName: stack.name,
        Status: status,
        ...(reason !== undefined && { StatusReason: reason }),
        ExecutionStatus: executed ? 'EXECUTE_COMPLETE' : status === 'FAILED' ? 'UNAVAILABLE' : 'AVAILABLE',
        Changes: evaluated.resources.map((resource) => ({
          Type: 'Resource',
          ResourceChange: {
            Action: before.has(resource.id) ? 'Modify' : 'Add',
            LogicalResourceId: resource.id,
            ResourceType: 'AWS::IAM::Role',
          },
        })),
      }
    },
    async ExecuteChangeSet(call) {
      const { stack, changeSet } = find(call)
      if (changeSet.status === 'FAILED' || changeSet.executed)
        throw new AwsError(
          'InvalidChangeSetStatus',
          `ChangeSet [${changeSet.id}] cannot be executed in its current status`,
        )
      changeSet.executed = true
      await execute(call, stack, changeSet.text, changeSet.evaluated)
      return {}
    },
    DeleteChangeSet(call) {
      const { stack, changeSet } = find(call)
      stack.changeSets.delete(changeSet.name)
      return {}
    },
  }
}
