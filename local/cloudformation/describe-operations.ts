/** Reads stacks and templates. */
import * as v from 'valibot'
import type { Platform, ServiceCall, ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import type { Stack, Stacks } from './stacks.ts'
import { readTemplateBody, type TemplateBody } from './template-body.ts'
import { readTemplateInput, templateTextOf } from './template-input.ts'

const named = v.object({ StackName: v.string() })
const maybeNamed = v.object({ StackName: v.optional(v.string()) })

export function describeOperations(platform: Platform, stacks: Stacks): Readonly<Record<string, ServiceOperation>> {
  const stackOf = (call: ServiceCall) => stacks.get(call, readInput(named, call, 'ValidationError').StackName)
  /** The template of the stack that the call names, or the one that it contains. */
  const bodyIn = async (call: ServiceCall): Promise<TemplateBody> => {
    const { StackName } = readInput(maybeNamed, call, 'ValidationError')
    const stack = StackName === undefined ? undefined : stacks.get(call, StackName)
    return readTemplateBody(stack?.current?.text ?? (await templateTextOf(platform, readTemplateInput(call))))
  }

  return {
    DescribeStacks(call) {
      const { StackName } = readInput(maybeNamed, call, 'ValidationError')
      const found = StackName === undefined ? stacks.of(call) : [stacks.get(call, StackName)]
      return { Stacks: found.map(describe) }
    },
    ListStacks: (call) => ({
      StackSummaries: stacks.of(call).map(({ id, name, createdAt, status }) => ({
        StackId: id,
        StackName: name,
        CreationTime: createdAt,
        StackStatus: status,
      })),
    }),
    DescribeStackEvents: (call) => ({ StackEvents: stackOf(call).events }),
    DescribeStackResources(call) {
      const { id: StackId, name: StackName, status, current, createdAt } = stackOf(call)
      return {
        StackResources: (current?.evaluated.resources ?? []).map(({ id, properties }) => ({
          StackId,
          StackName,
          LogicalResourceId: id,
          PhysicalResourceId: String(properties.RoleName),
          ResourceType: 'AWS::IAM::Role',
          ResourceStatus: status,
          Timestamp: createdAt,
        })),
      }
    },
    GetTemplate: (call) => ({ TemplateBody: stackOf(call).current?.text }),
    GetTemplateSummary: async (call) => summaryOf(await bodyIn(call)),
    ValidateTemplate: async (call) => summaryOf(await bodyIn(call)),
  }
}

const describe = ({ id, name, createdAt, status, reason, capabilities, tags, current }: Stack) => ({
  StackId: id,
  StackName: name,
  CreationTime: createdAt,
  StackStatus: status,
  ...(reason !== undefined && { StackStatusReason: reason }),
  ...(current && { Description: current.evaluated.body.Description }),
  Parameters: Object.entries(current?.evaluated.parameters ?? {}).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  })),
  Outputs: current?.evaluated.outputs ?? [],
  Capabilities: capabilities,
  Tags: tags,
  NotificationARNs: [],
})

const summaryOf = ({ Description, Parameters, Resources }: TemplateBody) => ({
  Description,
  Parameters: Object.entries(Parameters).map(([ParameterKey, { Default, Description: about, Type, NoEcho }]) => ({
    ParameterKey,
    ParameterType: Type,
    Description: about,
    DefaultValue: Default,
    NoEcho: Boolean(NoEcho),
  })),
  Capabilities: ['CAPABILITY_NAMED_IAM'],
  ResourceTypes: [...new Set(Object.values(Resources).map(({ Type }) => Type))],
})
