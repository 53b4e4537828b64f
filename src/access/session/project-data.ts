/**
 * Opens sessions for the data of one project, in the role project-data of our own account.
 *
 * Each session is tagged with the project. The role's policy compares the tag with the key of each item, so whatever the code asks for, a
 * session reaches one project. Sessions are cached by project and replaced before they expire.
 * docs/design/api.md#why-a-session-for-each-project
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { createRecentlyUsed } from '../../recently-used.ts'
import { readCredentials, type SessionCredentials } from './request.ts'

/** What a session may do, which the trust policy of project-data ties to the role that opens it. */
export type DataAccess = 'read' | 'rule' | 'send' | 'open' | 'manage' | 'report'

/** The longest session that one role may open with another. */
const sessionSeconds = 3_600
const expiryMarginMs = 5 * 60_000
/** Sessions in the cache. The one that was used least recently is removed first. */
const capacity = 1_000

type Opened<Client> = { readonly client: Promise<Client>; readonly usableUntilMs: number }

/**
 * @param sts a client of the function's own role
 * @param clientOf makes a client with the credentials of a session
 * @returns project → a client that reaches the data of this project only
 */
export function createProjectData<Client>(
  sts: STSClient,
  { roleArn, access }: { readonly roleArn: string; readonly access: DataAccess },
  clientOf: (credentials: SessionCredentials) => Client,
  now: () => Date,
): (project: string) => Promise<Client> {
  const cache = createRecentlyUsed<Opened<Client>>(capacity)

  async function open(project: string): Promise<Client> {
    const Tags = [
      { Key: 'project', Value: project },
      { Key: 'access', Value: access },
    ]
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: `${project}.${access}`,
        DurationSeconds: sessionSeconds,
        Tags,
      }),
    )
    return clientOf(readCredentials(project, Credentials))
  }

  return (project) => {
    const time = now().getTime()
    const known = cache.get(project)
    if (known && known.usableUntilMs > time) return known.client
    const opened = { client: open(project), usableUntilMs: time + sessionSeconds * 1_000 - expiryMarginMs }
    cache.set(project, opened)
    // A session that could not be opened is not kept. The caller gets the error.
    opened.client.catch(() => cache.drop(project, opened))
    return opened.client
  }
}
