/**
 * CloudFormation, limited to templates of IAM roles, such as the one that a customer deploys: stacks, and the change sets that
 * `aws cloudformation deploy` makes.
 *
 * It creates the roles with the permissions of its caller, so the gate judges each of those calls. A stack is complete when the call is
 * answered; on AWS it takes half a minute. A failed creation or update is rolled back.
 */
import * as v from 'valibot'
import { AwsError, type Platform, type Service, type ServiceCall } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { createApplyRoles } from './apply-roles.ts'
import { changeSetOperations } from './change-set-operations.ts'
import { describeOperations } from './describe-operations.ts'
import { keptStacks } from './kept-state.ts'
import { createStacks, type Execute, type Stack } from './stacks.ts'
import { evaluateInput, isUnchanged, readTemplateInput, type TemplateInput, templateTextOf } from './template-input.ts'

const named = v.object({ StackName: v.string() })

export function createCloudFormation(platform: Platform): Service {
  const stacks = createStacks(platform.createIds('cloudformation'))
  const apply = createApplyRoles(platform)
  const now = () => platform.clock.now()

  const execute: Execute = async (call, stack, text, evaluated) => {
    const [before, isNew] = [stack.current?.evaluated.resources ?? [], stack.current === undefined]
    try {
      await apply(call, before, evaluated.resources)
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      stack.status = isNew ? 'ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE'
      stack.reason = cause.message
      stacks.note(stack, now(), isNew ? 'CREATE_FAILED' : 'UPDATE_FAILED', cause.message)
      stacks.note(stack, now(), stack.status)
      return
    }
    stack.status = isNew ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE'
    stack.current = { text, evaluated }
    for (const { id } of evaluated.resources)
      stacks.note(stack, now(), stack.status, undefined, { id, type: 'AWS::IAM::Role' })
    stacks.note(stack, now(), stack.status)
  }

  const newStack = (call: ServiceCall, name: string, { Capabilities, Tags }: TemplateInput): Stack => ({
    id: stacks.idFor(call, name),
    name,
    createdAt: call.at,
    status: 'REVIEW_IN_PROGRESS',
    capabilities: Capabilities,
    tags: Tags,
    changeSets: new Map(),
    events: [],
  })

  return {
    keeps: () => keptStacks(stacks.all),
    operations: {
      async CreateStack(call) {
        const { StackName: name } = readInput(named, call, 'ValidationError')
        if (stacks.find(call, name)) throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`)
        const input = readTemplateInput(call)
        const stack = newStack(call, name, input)
        const text = await templateTextOf(platform, input)
        const evaluated = evaluateInput(call, input, text, stack)
        await execute(call, stacks.add(call, stack), text, evaluated)
        return { StackId: stack.id }
      },
      async UpdateStack(call) {
        const stack = stacks.get(call, readInput(named, call, 'ValidationError').StackName)
        const input = readTemplateInput(call)
        const text = await templateTextOf(platform, input, stack)
        const evaluated = evaluateInput(call, input, text, stack)
        if (isUnchanged(stack, evaluated)) throw new AwsError('ValidationError', 'No updates are to be performed.')
        await execute(call, stack, text, evaluated)
        return { StackId: stack.id }
      },
      async DeleteStack(call) {
        // Deleting a stack that does not exist succeeds, as on AWS.
        const stack = stacks.find(call, readInput(named, call, 'ValidationError').StackName)
        if (!stack) return {}
        try {
          await apply(call, stack.current?.evaluated.resources ?? [], [])
          stacks.delete(call, stack)
        } catch (cause) {
          if (!(cause instanceof AwsError)) throw cause
          stack.status = 'DELETE_FAILED'
          stack.reason = cause.message
          stacks.note(stack, now(), 'DELETE_FAILED', cause.message)
        }
        return {}
      },
      ...changeSetOperations(platform, stacks, newStack, execute),
      ...describeOperations(platform, stacks),
    },
  }
}
