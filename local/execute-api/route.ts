/** Routes of an HTTP API: `/projects/{project}/messages`. A parameter is one whole segment of a path. */

export type Route = {
  method: string
  /** `/projects/{project}/messages` */
  path: string
  functionName: string
}

export type MatchedRoute = { route: Route; parameters: Record<string, string> }

/**
 * The route of a request. A path is compared segment by segment as it was sent, and a parameter's value is then decoded, so an encoded
 * slash never begins another segment. Of two routes, the one with fewer parameters counts.
 */
export function matchRoute(routes: readonly Route[], method: string, path: string): MatchedRoute | undefined {
  const found = routes.flatMap((route): MatchedRoute[] => {
    if (route.method !== method) return []
    const parameters = parametersOf(route.path.split('/'), path.split('/'))
    return parameters ? [{ route, parameters }] : []
  })
  return found.sort((a, b) => Object.keys(a.parameters).length - Object.keys(b.parameters).length)[0]
}

function parametersOf(pattern: readonly string[], sent: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== sent.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, segment] of pattern.entries()) {
    const given = sent[index] ?? ''
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? []
    if (name === undefined) {
      if (segment !== given) return undefined
      continue
    }
    if (given === '') return undefined
    parameters[name] = decoded(given)
  }
  return parameters
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
