/** What ships, by package-lock.json: every package that a dependency of the project needs, with its licence and its integrity. Pure. */
import * as v from 'valibot'

/** What may ship (CONTRIBUTING.md). 0BSD and the Unlicense have no conditions at all. */
export const permitted: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
])

const Package = v.object({
  name: v.optional(v.string()),
  version: v.optional(v.string(), ''),
  license: v.optional(v.string(), 'none'),
  integrity: v.optional(v.string()),
  dependencies: v.optional(v.record(v.string(), v.string()), {}),
  optionalDependencies: v.optional(v.record(v.string(), v.string()), {}),
})
const Lock = v.object({ packages: v.record(v.string(), Package) })

export type Shipped = {
  /** Its folder in node_modules. */
  readonly path: string
  readonly name: string
  readonly version: string
  /** `none`: the package names no licence. */
  readonly licence: string
  /** `sha512-…` */
  readonly integrity: string | undefined
  /** Folders of the packages that it needs. */
  readonly needs: readonly string[]
}

/** The project itself first, under the path ''. */
export function shippedBy(lock: string): Shipped[] {
  const { packages } = v.parse(v.pipe(v.string(), v.parseJson(), Lock), lock)
  const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const shipped = new Map<string, Shipped>()
  const add = (path: string): void => {
    const one = packages[path]
    if (!one || shipped.has(path)) return
    const needed = Object.keys({ ...one.dependencies, ...one.optionalDependencies })
    const needs = needed.flatMap((name) => resolved(packages, path, name) ?? [])
    const { version, license: licence, integrity } = one
    shipped.set(path, { path, name: path === '' ? (one.name ?? '') : nameOf(path), version, licence, integrity, needs })
    needs.forEach(add)
  }
  add('')
  return [...shipped.values()]
}

/** Where Node finds a package: in the folder of the package that needs it, or in one above. */
function resolved(packages: object, from: string, name: string): string | undefined {
  const folders = from.split(/\/?node_modules\//).slice(1)
  for (let depth = folders.length; depth >= 0; depth--) {
    const path = [...folders.slice(0, depth), name].map((folder) => `node_modules/${folder}`).join('/')
    if (Object.hasOwn(packages, path)) return path
  }
  return undefined
}

/** Licence → names of packages, without the project itself. */
export function licencesOf(lock: string): Map<string, string[]> {
  const others = shippedBy(lock).filter(({ path }) => path !== '')
  const grouped = Map.groupBy(others, ({ licence }) => licence)
  return new Map([...grouped].map(([licence, all]) => [licence, all.map(({ name }) => name)]))
}
