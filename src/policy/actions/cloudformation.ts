/**
 * CloudFormation: stacks and change sets. The resources of a template need permissions of their own: CloudFormation creates them as its caller.
 *
 * The id in a stack's ARN is not known before the stack exists, and policies name stacks by `stack/NAME/*`. So the resource has `*` for it.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
 */
import * as v from 'valibot'
import { type Entry, entry, localArn, noInput } from './entry.ts'

/** A name, or the ARN of a stack, of which the name counts. */
const stackName = v.pipe(
  v.string(),
  v.transform((text) => /^arn:[\w-]+:cloudformation:[^:]*:\d{12}:stack\/([^/]+)\//.exec(text)?.[1] ?? text),
  v.regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'is not the name of a stack'),
)

const ofStack = (action: string): Entry =>
  entry([`cloudformation:${action}`], v.object({ StackName: stackName }), ({ StackName }, place) => [
    {
      action: `cloudformation:${action}`,
      resource: localArn('cloudformation', place, `stack/${StackName}/*`),
      resourceAccount: place.account,
      context: {},
    },
  ])

const everywhere = (action: string): Entry =>
  entry([`cloudformation:${action}`], noInput, (_, { account }) => [
    { action: `cloudformation:${action}`, resource: '*', resourceAccount: account, context: {} },
  ])

/** Of one stack if the request names one. */
const ofStackOrAll = (action: string): Entry => {
  const [one, all] = [ofStack(action), everywhere(action)]
  return {
    actions: one.actions,
    requirements: (input, place) => (Object.hasOwn(Object(input), 'StackName') ? one : all).requirements(input, place),
  }
}

export const cloudformation: Readonly<Record<string, Entry>> = {
  CreateStack: ofStack('CreateStack'),
  UpdateStack: ofStack('UpdateStack'),
  DeleteStack: ofStack('DeleteStack'),
  DescribeStacks: ofStackOrAll('DescribeStacks'),
  DescribeStackEvents: ofStack('DescribeStackEvents'),
  DescribeStackResources: ofStack('DescribeStackResources'),
  GetTemplate: ofStack('GetTemplate'),
  GetTemplateSummary: ofStackOrAll('GetTemplateSummary'),
  ValidateTemplate: everywhere('ValidateTemplate'),
  ListStacks: everywhere('ListStacks'),
  CreateChangeSet: ofStack('CreateChangeSet'),
  DescribeChangeSet: ofStack('DescribeChangeSet'),
  ExecuteChangeSet: ofStack('ExecuteChangeSet'),
  DeleteChangeSet: ofStack('DeleteChangeSet'),
}
