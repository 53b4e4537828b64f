/**
 * Lambda. The permission for Invoke is lambda:InvokeFunction. A qualifier is part of the resource.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
import * as v from 'valibot'
import { type Entry, entry, MalformedInputError, textSchema } from './entry.ts'

const invokeInput = v.object({ FunctionName: textSchema, Qualifier: v.optional(textSchema) })

/** `name`, `ACCOUNT:function:name` or an ARN, each with an optional `:qualifier`. */
const forms =
  /^(?:arn:(?<partition>aws[\w-]*):lambda:(?<region>[a-z\d-]+):)?(?:(?<account>\d{12}):function:)?(?<name>[\w-]+)(?::(?<qualifier>\$LATEST|[\w-]+))?$/

export const lambda: Readonly<Record<string, Entry>> = {
  ListFunctions: entry(['lambda:ListFunctions'], v.unknown(), (_, { account }) => [
    { action: 'lambda:ListFunctions', resource: '*', resourceAccount: account, context: {} },
  ]),
  Invoke: entry(['lambda:InvokeFunction'], invokeInput, ({ FunctionName, Qualifier }, place) => {
    const groups = forms.exec(FunctionName)?.groups
    if (groups === undefined || (groups.partition !== undefined && groups.account === undefined)) {
      throw new MalformedInputError('FunctionName', 'is not the name of a function')
    }
    const { partition = place.partition, region = place.region, account = place.account, name } = groups
    const qualifier = Qualifier ?? groups.qualifier
    if (qualifier !== undefined && !/^(\$LATEST|[\w-]+)$/.test(qualifier))
      throw new MalformedInputError('Qualifier', 'is not a qualifier')
    const resource = `arn:${partition}:lambda:${region}:${account}:function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`
    return [{ action: 'lambda:InvokeFunction', resource, resourceAccount: account, context: {} }]
  }),
}
