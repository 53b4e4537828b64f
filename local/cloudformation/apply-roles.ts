/**
 * Creates, changes and deletes the roles of a stack, with the permissions of whoever asked for it.
 *
 * A role whose name or path changes is replaced: the new one is created before the old one is deleted, as CloudFormation does.
 */
import * as v from 'valibot'
import { AwsError, type Platform, type ServiceCall } from '../service.ts'
import { roleArnOf, type StackResource } from './evaluate-template.ts'

const role = v.strictObject({
  RoleName: v.string(),
  Path: v.optional(v.string(), '/'),
  Description: v.optional(v.string(), ''),
  MaxSessionDuration: v.optional(v.pipe(v.unknown(), v.transform(Number), v.number()), 3600),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.optional(v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), []),
  Tags: v.optional(v.unknown()),
})
type Role = v.InferOutput<typeof role>

/** @throws AwsError ValidationError for a property that the embedded AWS does not support */
export function readRole({ id, properties }: StackResource): Role {
  const read = v.safeParse(role, properties)
  if (read.success) return read.output
  const [issue] = read.issues
  throw new AwsError(
    'ValidationError',
    `${id}: the embedded AWS does not support its property ${v.getDotPath(issue) ?? ''} (${issue.message})`,
  )
}

export type ApplyRoles = (
  call: ServiceCall,
  before: readonly StackResource[],
  after: readonly StackResource[],
) => Promise<void>

/** @returns a function that rejects with the AwsError of the call that failed; the calls before it took effect */
export function createApplyRoles({ callAsCaller }: Pick<Platform, 'callAsCaller'>): ApplyRoles {
  return async (call, before, after) => {
    const iam = (operation: string, input: object) => callAsCaller(call, 'iam', operation, input)
    const old = new Map(before.map((resource) => [resource.id, readRole(resource)]))
    const kept = new Set<string>()
    for (const resource of after) {
      const [wanted, existing] = [readRole(resource), old.get(resource.id)]
      if (existing && roleArnOf('', existing) === roleArnOf('', wanted)) {
        await change(iam, existing, wanted)
        kept.add(resource.id)
      } else await create(iam, wanted)
    }
    for (const [id, existing] of old) if (!kept.has(id)) await remove(iam, existing)
  }
}

type Iam = (operation: string, input: object) => Promise<object>

/** Creates the role or nothing. */
async function create(iam: Iam, { Policies, Tags: _, AssumeRolePolicyDocument: trust, ...rest }: Role): Promise<void> {
  await iam('CreateRole', { ...rest, AssumeRolePolicyDocument: JSON.stringify(trust) })
  try {
    for (const policy of Policies) await putPolicy(iam, rest.RoleName, policy)
  } catch (cause) {
    await remove(iam, rest)
    throw cause
  }
}

async function change(iam: Iam, before: Role, after: Role): Promise<void> {
  const { RoleName } = after
  const differs = (name: keyof Role) => JSON.stringify(before[name]) !== JSON.stringify(after[name])
  if (differs('AssumeRolePolicyDocument')) {
    const PolicyDocument = JSON.stringify(after.AssumeRolePolicyDocument)
    await iam('UpdateAssumeRolePolicy', { RoleName, PolicyDocument })
  }
  if (differs('Description') || differs('MaxSessionDuration')) {
    const { Description, MaxSessionDuration } = after
    await iam('UpdateRole', { RoleName, Description, MaxSessionDuration })
  }
  if (!differs('Policies')) return
  for (const policy of after.Policies) await putPolicy(iam, RoleName, policy)
  const names = new Set(after.Policies.map(({ PolicyName }) => PolicyName))
  for (const { PolicyName } of before.Policies)
    if (!names.has(PolicyName)) await unlessMissing(iam('DeleteRolePolicy', { RoleName, PolicyName }))
}

/** Deletes the role as it is now: somebody may have added a policy by hand, or deleted it. */
async function remove(iam: Iam, { RoleName }: Pick<Role, 'RoleName'>): Promise<void> {
  const answer = await unlessMissing(iam('ListRolePolicies', { RoleName }))
  const { PolicyNames } = v.parse(v.object({ PolicyNames: v.optional(v.array(v.string()), []) }), answer)
  for (const PolicyName of PolicyNames) await unlessMissing(iam('DeleteRolePolicy', { RoleName, PolicyName }))
  await unlessMissing(iam('DeleteRole', { RoleName }))
}

const putPolicy = (iam: Iam, RoleName: string, { PolicyName, PolicyDocument }: Role['Policies'][number]) =>
  iam('PutRolePolicy', { RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) })

async function unlessMissing(deleted: Promise<object>): Promise<object> {
  try {
    return await deleted
  } catch (cause) {
    if (cause instanceof AwsError && cause.code === 'NoSuchEntity') return {}
    throw cause
  }
}
