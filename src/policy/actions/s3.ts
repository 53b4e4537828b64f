/**
 * S3: the commands that the bucket of customer templates needs. A bucket's ARN has neither a region nor an account.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
import * as v from 'valibot'
import { type Entry, entry } from './entry.ts'

/** Keys without wildcards and empty segments, which would name other objects in a policy than in S3. */
const objectInput = v.object({
  Bucket: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a name')),
  Key: v.pipe(v.string(), v.regex(/^[\w.-]+(\/[\w.-]+)*$/, 'is not a plain key'), v.maxLength(1024)),
})

const ofObject = (action: string): Entry =>
  entry([`s3:${action}`], objectInput, ({ Bucket, Key }, { partition, account }) => [
    {
      action: `s3:${action}`,
      resource: `arn:${partition}:s3:::${Bucket}/${Key}`,
      resourceAccount: account,
      context: {},
    },
  ])

export const s3: Readonly<Record<string, Entry>> = {
  ListBuckets: entry(['s3:ListAllMyBuckets'], v.unknown(), (_, { account }) => [
    { action: 's3:ListAllMyBuckets', resource: '*', resourceAccount: account, context: {} },
  ]),
  GetObject: ofObject('GetObject'),
  PutObject: ofObject('PutObject'),
}
