/** The URL of a webhook: what is refused when it is added. The address behind its name is checked at each delivery. Pure. */
import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/** The URL cannot be a webhook. The message never repeats it, because it may hold a credential. */
export class WebhookUrlError extends Error {
  override readonly name = 'WebhookUrlError'
  readonly retryable = false
  readonly field = 'url'

  constructor(why: string) {
    super(`url ${why}`)
  }
}

const maxLength = 2_048
/** Names that no public name server answers for. https://www.iana.org/assignments/special-use-domain-names */
const localName = /(^|\.)(localhost|local|internal|intranet|home\.arpa|test|invalid|onion)\.?$/i

/**
 * @param testReceiver the origin of a receiver that may be called although it is not public: for tests only, never set in a deployment
 * @throws WebhookUrlError
 */
export function readWebhookUrl(text: string, testReceiver?: string): URL {
  if (text.length > maxLength) throw new WebhookUrlError(`must have ${maxLength} characters at most`)
  const url = URL.parse(text)
  if (!url) throw new WebhookUrlError('must be a URL, such as https://example.com/hooks/sesame')
  if (url.username !== '' || url.password !== '')
    throw new WebhookUrlError('must not contain a user name or a password: the signature authenticates us')
  if (url.hash !== '') throw new WebhookUrlError('must not contain a fragment (#…): it would not be sent')
  if (testReceiver !== undefined && url.origin === testReceiver) return url
  if (url.protocol !== 'https:') throw new WebhookUrlError('must begin with https://')
  if (url.port !== '' && Number(url.port) < 1_024)
    throw new WebhookUrlError('must have the port 443, or one from 1024 on')
  const host = hostOf(url)
  if (isIP(host) ? !isPublicAddress(host) : localName.test(host) || !host.includes('.'))
    throw new WebhookUrlError('must name a server on the public internet')
  return url
}

/** The name or the IP address, the latter without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')
