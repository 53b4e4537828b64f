/** Errors of the client. Their messages contain nothing personal. */

/** What a problem of the API says: docs/api.md lists the types. */
export type ProblemDetails = {
  readonly status: number
  /** `urn:sesame:problem:…`; `about:blank` if API Gateway answered before the API. */
  readonly type: string
  readonly detail: string
  readonly remedy?: string | undefined
  /** The fields that are wrong, by JSON Pointer. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[] | undefined
  readonly retryAfterSeconds?: number | undefined
  /** The id of the request in the log of the API. */
  readonly requestId?: string | undefined
}

/** The API answered with a problem. */
export class SesameError extends Error {
  override readonly name = 'SesameError'
  /** The same request may succeed later. */
  readonly retryable: boolean
  readonly problem: ProblemDetails

  constructor(problem: ProblemDetails) {
    const { status, detail, remedy } = problem
    const hint =
      status === 403 ? ' The role of the application must allow execute-api:Invoke on the path of this project.' : ''
    super(`Sesame answered ${status}: ${detail}${remedy ? ` ${remedy}` : ''}${hint}`)
    this.retryable = status === 429 || status >= 500 || problem.type.endsWith(':request-in-flight')
    this.problem = problem
  }
}

/** The API could not be reached, or did not answer in time. */
export class SesameUnreachableError extends Error {
  override readonly name = 'SesameUnreachableError'
  readonly retryable = true

  constructor(cause: unknown) {
    super('Sesame could not be reached: check the endpoint and the network', { cause })
  }
}

/** A setting is missing. */
export class SesameSettingError extends Error {
  override readonly name = 'SesameSettingError'
  readonly retryable = false
  readonly setting: string

  constructor(setting: string, remedy: string) {
    super(`The setting ${setting} is missing: ${remedy}`)
    this.setting = setting
  }
}
