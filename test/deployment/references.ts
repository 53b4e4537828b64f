/** Every name to which a template refers by Ref, Fn::GetAtt, Fn::Sub, DependsOn or Condition. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    if (key === 'Ref' && typeof item === 'string') return [item]
    if (key === 'Fn::GetAtt') return [String(Array.isArray(item) ? item[0] : String(item).split('.')[0])]
    if (key === 'Fn::Sub') return inSubstitution(item)
    if (key === 'DependsOn') return [item].flat().map(String)
    return referencesIn(item)
  })
}

function inSubstitution(argument: unknown): string[] {
  const [text, own] = Array.isArray(argument) ? argument : [argument, {}]
  const names = [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name)
  return [
    ...names.filter((name) => !Object.hasOwn(Object(own), name)).map((name) => name.split('.')[0] ?? ''),
    ...referencesIn(own),
  ]
}
