import { afterEach, expect, test, vi } from 'vitest'
import { defaultProvider, NoEnvironmentCredentialsError } from '../../infra/bundle/environment-credentials.ts'

afterEach(() => vi.unstubAllEnvs())

function environment(keys: Record<string, string | undefined>) {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) vi.stubEnv(name, keys[name])
}

test('A bundled function takes the session that Lambda puts into the environment', async () => {
  environment({ AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' })
  expect(await defaultProvider()()).toEqual({
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'token',
  })
})

test('A bundled function runs with plain keys too, as an emulator gives them', async () => {
  environment({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' })
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' })
})

test('A bundled function looks nowhere else for credentials, and its error shows none', async () => {
  environment({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' })
  const refused = defaultProvider()()
  await expect(refused).rejects.toThrow(NoEnvironmentCredentialsError)
  await expect(refused).rejects.not.toThrow(/AKIAEXAMPLE/)
})
