/**
 * Schemas for what a newer version may have stored: after a rollback, and while old and new functions run together. Pure.
 *
 * docs/design/projects.md#what-does-an-older-version-do-with-newer-settings
 */
import * as v from 'valibot'

type Schema = v.GenericSchema
/** Paths are those of fields: `sending.senders`. */
type Replacement = {
  /** Fields whose value must be known. */
  readonly exact: readonly string[]
  /** What a value that is not known means, other than the default of its field. */
  readonly meanings: Readonly<Record<string, unknown>>
}

/** The schema with objects that keep fields which it does not know, at every depth. The values that it knows are checked as before. */
export const keepingFields = <Output>(schema: v.GenericSchema<unknown, Output>): v.GenericSchema<unknown, Output> =>
  // The output has the type of the schema: further fields do not change it.
  changed(schema, undefined, '') as v.GenericSchema<unknown, Output>

/**
 * As `keepingFields`; and an optional value that the schema does not know means its default, or nothing. Elements of a list that are not known
 * are left out.
 */
export const replacingValues = <Output>(
  schema: v.GenericSchema<unknown, Output>,
  replacement: Replacement,
): v.GenericSchema<unknown, Output> =>
  // Each replaced value is one that the schema itself can give.
  changed(schema, replacement, '') as v.GenericSchema<unknown, Output>

/** @param replacement absent: no value is replaced */
function changed(schema: Schema, replacement: Replacement | undefined, path: string): Schema {
  if (isPiped(schema)) {
    const [first, ...actions] = schema.pipe
    return actions.reduce<Schema>((piped, action) => v.pipe(piped, action), changed(first, replacement, path))
  }
  if (isObject(schema)) return v.looseObject(entriesOf(schema, replacement, path))
  if (isOptional(schema)) return optionalOf(schema, replacement, path)
  if (isArray(schema)) {
    const item = changed(schema.item, replacement, `${path}[]`)
    return replacement && !replacement.exact.includes(path) ? knownOf(item) : v.array(item)
  }
  if (isUnion(schema)) return v.union(schema.options.map((option) => changed(option, replacement, path)))
  if (isLazy(schema)) return v.lazy((input) => changed(schema.getter(input), replacement, path))
  return schema
}

function entriesOf({ entries }: { entries: v.ObjectEntries }, replacement: Replacement | undefined, path: string) {
  const all = Object.entries(entries).flatMap(([name, entry]) =>
    isSchema(entry) ? [[name, changed(entry, replacement, path === '' ? name : `${path}.${name}`)] as const] : [],
  )
  return Object.fromEntries(all)
}

function optionalOf(schema: Optional, replacement: Replacement | undefined, path: string): Schema {
  const inner = changed(schema.wrapped, replacement, path)
  if (!replacement || replacement.exact.includes(path)) return v.optional(inner, schema.default)
  const { meanings } = replacement
  const meaning = () => (Object.hasOwn(meanings, path) ? meanings[path] : v.getDefault(schema))
  // Inside of the optional, because an object gives the fallback to a field that is absent as well.
  return v.optional(v.fallback(inner, meaning), schema.default)
}

const knownOf = (item: Schema) =>
  v.pipe(
    v.array(v.unknown()),
    v.transform((all) => all.filter((one) => v.is(item, one))),
  )

type Optional = Schema & { readonly wrapped: Schema; readonly default: unknown }
const isSchema = (one: unknown): one is Schema =>
  typeof one === 'object' && one !== null && 'kind' in one && one.kind === 'schema'
const isPiped = (schema: Schema): schema is Schema & { pipe: [Schema, ...v.GenericPipeAction[]] } => 'pipe' in schema
const isObject = (schema: Schema): schema is Schema & { entries: v.ObjectEntries } =>
  /^(strict_|loose_)?object$/.test(schema.type)
const isOptional = (schema: Schema): schema is Optional => schema.type === 'optional'
const isArray = (schema: Schema): schema is Schema & { item: Schema } => schema.type === 'array'
const isUnion = (schema: Schema): schema is Schema & { options: Schema[] } => schema.type === 'union'
const isLazy = (schema: Schema): schema is Schema & { getter: (input: unknown) => Schema } => schema.type === 'lazy'
