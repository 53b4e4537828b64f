/**
 * Decides whether the tests detect a mutant: evaluates their calls and simulations again with the mutated policy. A changed verdict is a
 * failing test.
 */
import type { PolicyDocument } from '../../../src/policy/document.ts'
import type { CallRecord, StoredCall } from '../coverage/call-record.ts'
import type { Recognise } from '../coverage/recognise.ts'
import { partOf, policiesOf, reevaluate } from '../coverage/stored-policies.ts'
import type { Part } from '../role-parts.ts'
import type { Mutant } from './mutants.ts'

export type RecordedCall = { readonly record: CallRecord; readonly call: StoredCall }
export type Detection = RecordedCall & { readonly changed: 'now allowed' | 'now denied' }

/** The calls that each part of a role file (key `FILE NAME`) took part in deciding. Calls that differ only in the test occur once. */
export function callsByPart(
  records: readonly CallRecord[],
  recognise: Recognise,
): ReadonlyMap<string, readonly RecordedCall[]> {
  const found = new Map<string, RecordedCall[]>()
  const seen = new Set<string>()
  for (const record of records) {
    for (const call of record.calls) {
      const { identity, boundary = [], resource } = policiesOf(record, call)
      const text = JSON.stringify([call.request, identity, boundary, resource, call.wanted])
      if (seen.has(text)) continue
      seen.add(text)
      const documents = [...identity, ...boundary, ...(resource ? [resource] : [])].map(({ document }) => document)
      const parts = new Set(documents.flatMap((document) => partOf(document, call, recognise) ?? []))
      for (const { file, name } of parts) {
        const key = `${file} ${name}`
        found.set(key, [...(found.get(key) ?? []), { record, call }])
      }
    }
  }
  return found
}

export function detectionOf(
  mutant: Mutant,
  calls: readonly RecordedCall[],
  recognise: Recognise,
): Detection | undefined {
  const mutated = new Map<PolicyDocument, PolicyDocument>()
  const isIt = (part: Part | undefined) => part?.file === mutant.part.file && part.name === mutant.part.name
  for (const { record, call } of calls) {
    if (mutant.turns !== undefined && call.verdict !== mutant.turns) continue
    const change = (document: PolicyDocument) => {
      if (!isIt(partOf(document, call, recognise))) return document
      const made = mutated.get(document) ?? mutant.apply(document)
      mutated.set(document, made)
      return made
    }
    const { verdict } = reevaluate(record, call, change)
    if (verdict !== call.verdict) return { record, call, changed: verdict === 'allowed' ? 'now allowed' : 'now denied' }
  }
  return undefined
}
