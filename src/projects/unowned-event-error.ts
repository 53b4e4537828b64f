/** An event of an account or configuration set that no project owns. It is kept among the dead letters, with this as its cause. */
export class UnownedEventError extends Error {
  override readonly name = 'UnownedEventError'
  readonly retryable = false
  readonly account: string | undefined
  readonly configurationSet: string | undefined

  constructor(facts: { account: string | undefined; configurationSet: string | undefined }) {
    const { account, configurationSet } = facts
    const set = configurationSet === undefined ? 'no configuration set' : `configuration set ${configurationSet}`
    const owner =
      account === undefined
        ? 'The event names no mail.sendingAccountId'
        : `No project owns account ${account} with ${set}`
    super(`${owner}. Add the project (sesame project add), then replay the dead letters (sesame replay).`)
    this.account = account
    this.configurationSet = configurationSet
  }
}
