/** The resource policies of a deployment: of topics, queues, buckets, keys, event buses and functions. */
import { type NamedPolicy, parsePolicy } from '../policy/document.ts'

export type ResourcePolicy = {
  /** The logical id of the resource that the policy protects. */
  readonly name: string
  readonly arn: string
  readonly policy: NamedPolicy
}

type Resources = ReadonlyMap<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>

/** The types of resource that are a policy: where they name what they protect. */
const policyTypes: Readonly<Record<string, string>> = {
  'AWS::SNS::TopicPolicy': 'Topics',
  'AWS::SQS::QueuePolicy': 'Queues',
  'AWS::S3::BucketPolicy': 'Bucket',
}

/**
 * @param resolve resolves intrinsic functions
 * @param where account and region of functions that are named without them
 * @throws UnresolvedError | PolicyError
 */
export function resourcePoliciesOf(
  resources: Resources,
  resolve: (value: unknown) => unknown,
  where: { readonly account: string; readonly region: string },
): ResourcePolicy[] {
  return [...resources].flatMap(([id, { Type: type, Properties: properties }]) => {
    const place = policyTypes[type]
    if (place !== undefined) {
      const targets = [properties[place]].flat().map((target) => idIn(target))
      const document = parsePolicy(resolve(properties.PolicyDocument), 'resource')
      return targets.map((name): ResourcePolicy => {
        const arn = arnOfTarget(name, type, resources, resolve)
        return { name, arn, policy: { name: id, document } }
      })
    }
    if (type === 'AWS::KMS::Key') {
      const arn = String(resolve({ 'Fn::GetAtt': [id, 'Arn'] }))
      return [{ name: id, arn, policy: { name: id, document: parsePolicy(resolve(properties.KeyPolicy), 'resource') } }]
    }
    return type === 'AWS::Lambda::Permission' ? [permissionOf(id, resolve(properties), where)] : []
  })
}

/** The logical id in `Ref: X` or `Fn::GetAtt: [X, …]`. */
function idIn(target: unknown): string {
  const { Ref: ref, 'Fn::GetAtt': attribute }: Readonly<Record<string, unknown>> = Object(target)
  if (typeof ref === 'string') return ref
  return attribute === undefined ? String(target) : (String([attribute].flat()[0]).split('.')[0] ?? '')
}

function arnOfTarget(id: string, type: string, resources: Resources, resolve: (value: unknown) => unknown): string {
  if (!resources.has(id)) return id
  return String(resolve(type === 'AWS::SNS::TopicPolicy' ? { Ref: id } : { 'Fn::GetAtt': [id, 'Arn'] }))
}

/** A permission is one statement of a function's policy. */
function permissionOf(
  id: string,
  resolved: unknown,
  { account, region }: { readonly account: string; readonly region: string },
): ResourcePolicy {
  const { FunctionName, Action, Principal, SourceArn, SourceAccount }: Readonly<Record<string, unknown>> =
    Object(resolved)
  const name = String(FunctionName)
  const arn = name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${account}:function:${name}`
  const principal = String(Principal)
  const document = parsePolicy(
    {
      Version: '2012-10-17',
      Statement: {
        Sid: id,
        Effect: 'Allow',
        Principal: principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
        Action,
        Resource: arn,
        Condition: {
          ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': SourceArn } }),
          ...(SourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
        },
      },
    },
    'resource',
  )
  return { name: arn.split(':').at(-1) ?? arn, arn, policy: { name: id, document } }
}
