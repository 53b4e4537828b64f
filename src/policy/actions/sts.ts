/**
 * STS. The caller's identity policies and the role's trust policy are both asked, each with the same context.
 *
 * A source identity and session tags are permissions of their own, on the same role. The duration is no condition key of
 * AssumeRole (sts:DurationSeconds belongs to bearer tokens): STS itself checks it. GetCallerIdentity needs no permission.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import { arnOf, type Entry, entry, MalformedInputError, noInput, textSchema } from './entry.ts'

const assumeRoleInput = v.object({
  RoleArn: textSchema,
  RoleSessionName: textSchema,
  ExternalId: v.optional(v.string()),
  SourceIdentity: v.optional(v.string()),
  Tags: v.optional(v.array(v.object({ Key: textSchema, Value: v.string() })), []),
  TransitiveTagKeys: v.optional(v.array(v.string()), []),
})

function contextOf(input: v.InferOutput<typeof assumeRoleInput>): Context {
  return {
    'sts:RoleSessionName': input.RoleSessionName,
    ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
    ...(input.SourceIdentity === undefined ? {} : { 'sts:SourceIdentity': input.SourceIdentity }),
    ...Object.fromEntries(input.Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(input.Tags.length === 0 ? {} : { 'aws:TagKeys': input.Tags.map(({ Key }) => Key) }),
    ...(input.TransitiveTagKeys.length === 0 ? {} : { 'sts:TransitiveTagKeys': input.TransitiveTagKeys }),
  }
}

export const sts: Readonly<Record<string, Entry>> = {
  AssumeRole: entry(['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'], assumeRoleInput, (input) => {
    const { text, account, resource } = arnOf(input.RoleArn, 'iam', 'RoleArn')
    if (!/^role\/[\w+=,.@/-]+$/.test(resource)) throw new MalformedInputError('RoleArn', 'is not the ARN of a role')
    const actions = [
      'sts:AssumeRole',
      ...(input.SourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
      ...(input.Tags.length === 0 ? [] : ['sts:TagSession']),
    ]
    const context = contextOf(input)
    return actions.map((action) => ({ action, resource: text, resourceAccount: account, context }))
  }),
  GetCallerIdentity: entry([], noInput, () => []),
}
