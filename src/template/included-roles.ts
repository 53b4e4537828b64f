/**
 * Checks that serverless.yml includes the role file of each function. Without this check, a missing include is an unresolved reference
 * that names neither the file nor the function.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A function uses a role that the template does not contain. */
export class RoleNotIncludedError extends Error {
  override readonly name = 'RoleNotIncludedError'
  readonly retryable = false
  readonly function: string
  readonly role: string
  /** The file of iam/ that defines the role; undefined if there is none. */
  readonly file: string | undefined

  constructor(functionName: string, role: string, file: string | undefined) {
    super(
      file === undefined
        ? `serverless.yml: ${functionName} uses the role ${role}, which no file of iam/ defines. Write a role file and include it in resources.`
        : `serverless.yml: ${functionName} uses the role ${role} of ${file}, which is not included. Add \`- \${file(${file})}\` to resources.`,
    )
    this.function = functionName
    this.role = role
    this.file = file
  }
}

/**
 * @param root folder with serverless.yml and iam/
 * @param functions function blocks of serverless.yml by name
 * @param included logical ids of the template's resources
 * @throws RoleNotIncludedError for the first function whose role is not included
 */
export function requireIncludedRoles(
  root: string,
  functions: Readonly<Record<string, { readonly role: unknown }>>,
  included: { has(id: string): boolean },
): void {
  for (const [name, { role }] of Object.entries(functions)) {
    const id = referencedRole(role)
    if (id !== undefined && !included.has(id)) throw new RoleNotIncludedError(name, id, fileOf(root, id))
  }
}

/** The logical id in `Fn::Sub: ${X.Arn}`, `Fn::GetAtt: [X, Arn]` or `Fn::GetAtt: X.Arn`. */
function referencedRole(role: unknown): string | undefined {
  const { 'Fn::Sub': substitution, 'Fn::GetAtt': attribute }: Record<string, unknown> = Object(role)
  if (typeof substitution === 'string') return /^\$\{(\w+)\.Arn\}$/.exec(substitution)?.[1]
  return attribute === undefined ? undefined : String([attribute].flat()[0]).split('.')[0]
}

function fileOf(root: string, id: string): string | undefined {
  const defines = (file: string) => new RegExp(`^ {2}${id}:$`, 'm').test(readFileSync(join(root, 'iam', file), 'utf8'))
  const file = readdirSync(join(root, 'iam')).find((one) => one.endsWith('.yml') && defines(one))
  return file && `iam/${file}`
}
