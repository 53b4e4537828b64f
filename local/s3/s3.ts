/**
 * S3, limited to what the bucket of customer templates needs: our functions put objects, and everyone gets those that the bucket's policy
 * lets everyone read.
 *
 * A bucket is private to the account that created it, unless its policy says otherwise. A presigned URL has the permissions of its signer at
 * the time of use.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { NamedPolicy } from '../../src/policy/document.ts'
import { readResourcePolicy } from '../resource-policy.ts'
import { AwsError, type Platform, type Service, type ServiceCall } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { keptS3State, type StoredObject } from './kept-state.ts'

type Bucket = {
  readonly account: string
  readonly createdAt: Date
  readonly objects: Map<string, StoredObject>
  policy?: NamedPolicy
}

export type S3 = Service & {
  readonly buckets: ReadonlyMap<string, Bucket>
  /** For the deployment only. @throws AwsError for a bucket that does not exist or an invalid policy */
  setPolicy(bucket: string, policy: string): void
}

const byKey = { Bucket: v.string(), Key: v.string() }
const put = v.object({
  ...byKey,
  Body: v.instance(Uint8Array),
  ContentType: v.optional(v.string(), 'application/octet-stream'),
})

export function createS3({ clock }: Pick<Platform, 'clock'>): S3 {
  const buckets = new Map<string, Bucket>()

  function bucketOf(call: ServiceCall, name: string): Bucket {
    const bucket = buckets.get(name)
    if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
    // The gate has found that the policy of the bucket lets everyone read the object.
    const isAnonymous = call.caller.principal.kind === 'anonymous'
    if (bucket.account !== call.account && !isAnonymous) throw new AwsError('AccessDenied', 'Access Denied', 403)
    return bucket
  }

  return {
    buckets,
    keeps: () => keptS3State(buckets),
    setPolicy(name, text) {
      const bucket = buckets.get(name)
      if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
      bucket.policy = readResourcePolicy(
        `policy of bucket ${name}`,
        text,
        (problem) => new AwsError('MalformedPolicy', problem),
      )
    },
    resourcePolicy: ({ resource }) => buckets.get(/^arn:[^:]+:s3:::([^/]+)/.exec(resource)?.[1] ?? '')?.policy,
    operations: {
      /** For the deployment only: the action table has no entry, so no client can call it. */
      CreateBucket(call) {
        const { Bucket: name } = readInput(v.object({ Bucket: v.string() }), call, 'InvalidRequest')
        if (buckets.has(name))
          throw new AwsError('BucketAlreadyExists', 'The requested bucket name is not available.', 409)
        buckets.set(name, { account: call.account, createdAt: clock.now(), objects: new Map() })
        return {}
      },
      ListBuckets: ({ account }) => ({
        Owner: { ID: account },
        Buckets: [...buckets]
          .filter(([, bucket]) => bucket.account === account)
          .map(([Name, { createdAt }]) => ({ Name, CreationDate: createdAt })),
      }),
      PutObject(call) {
        const { Bucket: name, Key: key, Body: body, ContentType: contentType } = readInput(put, call, 'InvalidRequest')
        bucketOf(call, name).objects.set(key, { body, contentType, at: clock.now() })
        return { ETag: etagOf(body) }
      },
      GetObject(call) {
        const { Bucket: name, Key: key } = readInput(v.object(byKey), call, 'InvalidRequest')
        const object = bucketOf(call, name).objects.get(key)
        if (!object) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404)
        const { body: Body, contentType: ContentType, at: LastModified } = object
        return { Body, ContentType, LastModified, ETag: etagOf(Body) }
      },
    },
  }
}

const etagOf = (body: Uint8Array) => `"${createHash('md5').update(body).digest('hex')}"`
