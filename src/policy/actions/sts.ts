/**
 * STS. The caller's identity policies and the role's trust policy are both evaluated, with the same context.
 *
 * A source identity and session tags need permissions of their own on the same role. Their context has only their own keys, so a statement
 * that requires an external id grants neither. The duration is not a condition key of AssumeRole (sts:DurationSeconds is for bearer tokens);
 * STS itself checks it. GetCallerIdentity needs no permission.
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

type Input = v.InferOutput<typeof assumeRoleInput>

const sourceIdentityOf = ({ SourceIdentity }: Input): Context =>
  SourceIdentity === undefined ? {} : { 'sts:SourceIdentity': SourceIdentity }

function tagsOf({ Tags, TransitiveTagKeys }: Input): Context {
  return {
    ...Object.fromEntries(Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(Tags.length === 0 ? {} : { 'aws:TagKeys': Tags.map(({ Key }) => Key) }),
    ...(TransitiveTagKeys.length === 0 ? {} : { 'sts:TransitiveTagKeys': TransitiveTagKeys }),
  }
}

function contextOf(input: Input): Context {
  return {
    'sts:RoleSessionName': input.RoleSessionName,
    ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
    ...sourceIdentityOf(input),
    ...tagsOf(input),
  }
}

export const sts: Readonly<Record<string, Entry>> = {
  AssumeRole: entry(['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'], assumeRoleInput, (input) => {
    const { text, account, resource } = arnOf(input.RoleArn, 'iam', 'RoleArn')
    if (!/^role\/[\w+=,.@/-]+$/.test(resource)) throw new MalformedInputError('RoleArn', 'is not the ARN of a role')
    const requirement = (action: string, context: Context) => ({
      action,
      resource: text,
      resourceAccount: account,
      context,
    })
    return [
      requirement('sts:AssumeRole', contextOf(input)),
      ...(input.SourceIdentity === undefined ? [] : [requirement('sts:SetSourceIdentity', sourceIdentityOf(input))]),
      ...(input.Tags.length === 0 ? [] : [requirement('sts:TagSession', tagsOf(input))]),
    ]
  }),
  GetCallerIdentity: entry([], noInput, () => []),
}
