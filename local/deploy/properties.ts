/** Converts resolved template values to the forms that services accept. */
export type Properties = Readonly<Record<string, unknown>>

/** Attributes of SNS and SQS: every value as text, structures as JSON. */
export function toAttributes(values: Properties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      if (value === undefined) return []
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
    }),
  )
}

export function toList(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

export function toRecord(value: unknown): Properties {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
