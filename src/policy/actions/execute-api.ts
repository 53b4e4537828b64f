/**
 * API Gateway: a request to an HTTP API whose routes IAM authorises. It is not a command of an SDK: any HTTP client can send it, signed.
 *
 * The resource contains the method and the path as they were sent. `*` in a policy matches `/` too, so a pattern must end with `/*`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html
 */
import * as v from 'valibot'
import { type Entry, entry, localArn, nameSchema, textSchema } from './entry.ts'

const invokeInput = v.object({
  ApiId: nameSchema,
  Stage: v.pipe(v.string(), v.regex(/^(\$default|[\w-]{1,128})$/, 'is not a stage')),
  Method: v.pipe(v.string(), v.regex(/^[A-Z]{1,10}$/, 'is not a method')),
  /** It begins with a slash. */
  Path: v.pipe(textSchema, v.startsWith('/')),
})

export const executeApi: Readonly<Record<string, Entry>> = {
  Invoke: entry(['execute-api:Invoke'], invokeInput, ({ ApiId, Stage, Method, Path }, place) => [
    {
      action: 'execute-api:Invoke',
      resource: localArn('execute-api', place, `${ApiId}/${Stage}/${Method}${Path}`),
      resourceAccount: place.account,
      context: {},
    },
  ]),
}
