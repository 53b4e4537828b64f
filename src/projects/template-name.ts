/**
 * The names of a project's templates in its SES account: `sesame-acme_welcome` is the template `welcome` of the project `acme`.
 *
 * A project's name has no underscore, so no name of one project begins as the names of another do, even in the same account.
 */

const prefixOf = (project: string): string => `sesame-${project}_`

export const templateNameOf = (project: string, template: string): string => `${prefixOf(project)}${template}`

/** The pattern of all names of a project, for a policy. */
export const templateNamesOf = (project: string): string => `${prefixOf(project)}*`

/** The template that a name means in the project; `undefined` if it is not one of the project. */
export function templateIn(project: string, name: string): string | undefined {
  const prefix = prefixOf(project)
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : undefined
}
