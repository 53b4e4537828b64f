/** What S3 keeps between runs: the objects of the deployed buckets. */
import * as v from 'valibot'
import type { KeptState } from '../service.ts'

const object = v.object({ body: v.instance(Uint8Array), contentType: v.string(), at: v.date() })
const kept = v.map(v.string(), v.map(v.string(), object))

export type StoredObject = v.InferOutput<typeof object>
type Buckets = ReadonlyMap<string, { readonly objects: Map<string, StoredObject> }>

export function keptS3State(buckets: Buckets): KeptState {
  return {
    dump: () => new Map([...buckets].map(([name, { objects }]) => [name, objects])),
    restore(value) {
      for (const [name, objects] of v.parse(kept, value))
        for (const [key, one] of objects) buckets.get(name)?.objects.set(key, one)
    },
  }
}
