import { afterEach, expect, test, vi } from 'vitest'
import { defaultProvider, NoEnvironmentCredentialsError } from '../../infra/bundle/environment-credentials.ts'

afterEach(() => vi.unstubAllEnvs())

function environment(keys: Record<string, string | undefined>) {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) vi.stubEnv(name, keys[name])
}

test("a bundled function uses the session in Lambda's environment", async () => {
  environment({ AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' })
  expect(await defaultProvider()()).toEqual({
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'token',
  })
})

test('a bundled function accepts keys without a session, as emulators provide them', async () => {
  environment({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' })
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' })
})

test('a bundled function uses no other source of credentials, and its error contains none', async () => {
  environment({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' })
  const credentials = defaultProvider()()
  await expect(credentials).rejects.toThrow(NoEnvironmentCredentialsError)
  await expect(credentials).rejects.not.toThrow(/AKIAEXAMPLE/)
})
