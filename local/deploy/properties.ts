/** Resolved template values in the forms that services take. */
export type Properties = Readonly<Record<string, unknown>>

/** Attributes as services take them: texts, structures as JSON. */
export function texts(values: Properties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      if (value === undefined) return []
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
    }),
  )
}

export function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

export function recordOf(value: unknown): Properties {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
