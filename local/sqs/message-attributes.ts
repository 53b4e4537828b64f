/** Message attributes, which have one shape in SQS and SNS. */
import * as v from 'valibot'

export const messageAttributesSchema = v.record(
  v.string(),
  v.object({
    DataType: v.string(),
    StringValue: v.optional(v.string()),
    BinaryValue: v.optional(v.instance(Uint8Array)),
  }),
)

export type MessageAttributes = Readonly<v.InferOutput<typeof messageAttributesSchema>>
