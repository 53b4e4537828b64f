/** Which file imports which, and what the architecture allows. docs/design/README.md lists the modules. */
import { dirname, normalize } from 'node:path'

/** Path from the root of the repository → text. */
export type Sources = ReadonlyMap<string, string>

type Import = { readonly from: string; readonly to: string }

/**
 * Modules of `src` and the modules that each may import. Data flows down the list: an import never goes up.
 * The files directly in `src` (ARNs, time, the concurrency pool) may be imported by every module and import none.
 */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  handlers: [
    'lambda',
    'api',
    'sending',
    'operations',
    'propagation',
    'configuration',
    'access',
    'activity',
    'audit',
    'webhooks',
    'feeds',
    'reports',
    'dead-letters',
    'erasure',
    'events',
    'projects',
    'suppression',
    'intake',
  ],
  lambda: ['access'],
  cli: [
    'client',
    'dashboard',
    'reports',
    'charts',
    'feeds',
    'operations',
    'activity',
    'access',
    'audit',
    'propagation',
    'importing',
    'projects',
    'suppression',
    'intake',
    'template',
    'policy',
  ],
  dashboard: ['operations', 'feeds', 'activity', 'access', 'audit', 'projects', 'suppression', 'intake', 'template'],
  reports: ['charts', 'feeds', 'activity', 'audit', 'projects', 'suppression'],
  charts: [],
  api: ['activity', 'feeds', 'reports', 'sending', 'configuration', 'access', 'projects', 'suppression', 'intake'],
  client: [],
  sending: ['activity', 'access', 'projects', 'suppression', 'intake'],
  operations: [
    'erasure',
    'suppression',
    'intake',
    'propagation',
    'configuration',
    'access',
    'activity',
    'dead-letters',
    'webhooks',
    'events',
    'projects',
  ],
  erasure: ['api', 'sending', 'activity', 'propagation', 'dead-letters', 'projects', 'suppression', 'intake'],
  activity: ['suppression', 'intake'],
  propagation: ['access', 'events', 'projects', 'suppression', 'intake'],
  configuration: ['access', 'projects', 'intake'],
  access: ['events', 'projects', 'template', 'policy'],
  audit: ['events', 'projects'],
  webhooks: ['events', 'projects'],
  feeds: ['access', 'activity', 'events', 'projects'],
  'dead-letters': ['projects', 'intake'],
  events: ['projects', 'suppression'],
  projects: ['suppression', 'intake'],
  importing: ['suppression', 'intake'],
  suppression: ['intake'],
  intake: [],
  template: ['policy'],
  policy: [],
}

/** Top-level folders and the top-level folders that each may import. */
const allowedFolders: Readonly<Record<string, readonly string[]>> = {
  src: [],
  local: ['src'],
  web: ['src'],
  tools: ['src', 'local'],
  bench: ['src', 'local'],
  bin: [],
  infra: [],
}

/** AWS operations that are called in one place only: the command of the SDK, and the files that may name it. */
const onePlace: Readonly<Record<string, RegExp>> = {
  AssumeRoleCommand: /^src\/access\//,
  TransactWriteItemsCommand: /^src\/projects\/transaction\.ts$/,
  PutEventsCommand: /^src\/events\/[\w-]+\.ts$/,
}

/** The imports of one file from other files of the repository: static, dynamic and of types. */
export function importsOf(path: string, text: string): Import[] {
  const found = text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.{1,2}\/[^']+)'/gm)
  return Array.from(found, ([, to = '']) => ({ from: path, to: normalize(`${dirname(path)}/${to}`) }))
}

const folderOf = (path: string) => path.split('/')[0] ?? ''
/** `undefined` for a file directly in `src`. */
const moduleOf = (path: string) => (path.split('/').length > 2 ? path.split('/')[1] : undefined)

const allImports = (sources: Sources) => [...sources].flatMap(([path, text]) => importsOf(path, text))
const told = ({ from, to }: Import) => `${from} imports ${to}`

/** Imports between top-level folders that the table does not allow. */
export const forbiddenFolders = (sources: Sources): string[] =>
  allImports(sources)
    .filter(({ from, to }) => folderOf(from) !== folderOf(to))
    .filter(({ from, to }) => !allowedFolders[folderOf(from)]?.includes(folderOf(to)))
    .map(told)

/** Imports between modules of `src` that the table does not allow. */
export const forbiddenImports = (sources: Sources): string[] =>
  allImports(sources)
    .filter(({ from, to }) => folderOf(from) === 'src' && folderOf(to) === 'src')
    .filter(({ from, to }) => {
      const [importer, imported] = [moduleOf(from), moduleOf(to)]
      if (imported === undefined || importer === imported) return false
      return importer === undefined || !allowedImports[importer]?.includes(imported)
    })
    .map(told)

/** Modules of `src` that the table does not name. */
export const unknownModules = (sources: Sources): string[] =>
  [...new Set([...sources.keys()].filter((path) => folderOf(path) === 'src').map(moduleOf))].filter(
    (module): module is string => module !== undefined && allowedImports[module] === undefined,
  )

/** Files of `src` that name an AWS operation outside of its one place; and places that are more than one file, where one is allowed. */
export function outOfPlace(sources: Sources): string[] {
  return Object.entries(onePlace).flatMap(([command, place]) => {
    const named = [...sources].flatMap(([path, text]) =>
      folderOf(path) === 'src' && new RegExp(`\\b${command}\\b`).test(text) ? [path] : [],
    )
    const wrong = named.filter((path) => !place.test(path)).map((path) => `${path} names ${command}`)
    const inEvents =
      command === 'PutEventsCommand' && named.length > 1 ? [`${command} is named in ${named.join(', ')}`] : []
    return [...wrong, ...inEvents]
  })
}

/** Circles of files, each once: a file that imports itself by way of others. */
export function circlesOf(sources: Sources): string[] {
  const edges = Map.groupBy(allImports(sources), ({ from }) => from)
  const state = new Map<string, 'open' | 'done'>()
  const circles: string[] = []
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    state.set(path, 'open')
    for (const { to } of edges.get(path) ?? []) visit(to, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of sources.keys()) visit(path, [])
  return circles
}

/** Circles in the table itself: it must be possible to write the modules down so that imports only go down. */
export function circlesOfTable(table: Readonly<Record<string, readonly string[]>>): string[] {
  return circlesOf(
    new Map(
      Object.entries(table).map(([module, imported]) => [module, imported.map((to) => `import './${to}'`).join('\n')]),
    ),
  )
}
