/**
 * The link to the customer template. Quick-create links accept templates in S3 only, so the template is in Sesame's access bucket.
 *
 * Anyone may read it, and it stays, so a link that a customer opens weeks later still works. It contains no secret: the external id is a
 * parameter and not part of it. docs/design/access.md#why-can-anyone-read-the-customer-template
 */
import { createHash } from 'node:crypto'
import { customerAccessText } from './customer-access.ts'
import { type ObjectStore, putObject } from './put-object.ts'

/** The bucket of infra/access-bucket.yml. */
export type TemplateStore = ObjectStore & {
  /** Where the deployment hosts the template itself. Absent: in the bucket. */
  readonly url?: string | undefined
}

/** S3 did not accept the template. Retryable if S3 itself failed. */
export class TemplateNotStoredError extends Error {
  override readonly name = 'TemplateNotStoredError'
  readonly retryable: boolean
  readonly status: number

  constructor(status: number) {
    super(
      `S3 answered ${status} when the template was stored: check that the role has s3:PutObject on the access bucket`,
    )
    this.status = status
    this.retryable = status >= 500
  }
}

/**
 * Stores the template, unless the deployment hosts it elsewhere.
 * @returns the link to it, which does not expire
 * @throws TemplateNotStoredError
 */
export async function storeTemplate(store: TemplateStore, now: () => Date): Promise<string> {
  if (store.url !== undefined) return store.url
  const body = customerAccessText()
  // Idempotent: the key is a hash of the content. A later version of the template has another key, so each link keeps its template.
  const key = `customer-access/${createHash('sha256').update(body).digest('hex').slice(0, 16)}.yml`
  const { status, url } = await putObject(store, { key, body, contentType: 'application/yaml' }, now)
  if (status !== 200) throw new TemplateNotStoredError(status)
  return url.href
}
