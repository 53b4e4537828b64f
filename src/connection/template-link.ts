/**
 * A link to the customer template in our private bucket, good for an hour.
 *
 * CloudFormation takes a template from S3 only, and quick-create links take no other: so the template is put there, and read by whoever
 * holds the signed link. It holds nothing secret: the external id is a parameter, not part of it.
 */
import { createHash } from 'node:crypto'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { customerAccessText } from './customer-access.ts'

export type TemplateLink = { readonly url: string; readonly expires: Date }

const folder = 'customer-access/'
const seconds = 3_600

/** @param bucket of the stack: infra/access-bucket.yml */
export async function templateLink(s3: S3Client, bucket: string, now: () => Date): Promise<TemplateLink> {
  const body = customerAccessText()
  const object = { Bucket: bucket, Key: `${folder}${createHash('sha256').update(body).digest('hex').slice(0, 16)}.yml` }
  // Named by its content: putting it again changes nothing but its age, by which the bucket lets go of it.
  await s3.send(new PutObjectCommand({ ...object, Body: body, ContentType: 'application/yaml' }))
  const signingDate = now()
  const url = await getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: seconds, signingDate })
  return { url, expires: await expiryOf(s3, signingDate) }
}

/** A link ends with the credentials that signed it, if that is sooner. */
async function expiryOf(s3: S3Client, signed: Date): Promise<Date> {
  const { expiration } = await s3.config.credentials()
  const expires = new Date(signed.getTime() + seconds * 1_000)
  return expiration && expiration < expires ? expiration : expires
}
