/** The types of the SDK under which `src` imports what the stand-in replaces: inputs, outputs and attribute values. */
export type * from '@aws-sdk/client-dynamodb/dist-types/index.d.ts'
