/**
 * Builds the bundles as they ship, with the esbuild settings of serverless.yml.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import * as v from 'valibot'
import { parse } from 'yaml'

export const root = fileURLToPath(new URL('..', import.meta.url))

const Deployment = v.object({
  functions: v.record(v.string(), v.object({ handler: v.string() })),
  custom: v.object({
    esbuild: v.looseObject({
      bundle: v.literal(true),
      minify: v.boolean(),
      format: v.picklist(['cjs', 'esm']),
      alias: v.optional(v.record(v.string(), v.string()), {}),
    }),
  }),
})

/** The settings in custom.esbuild that are for serverless-esbuild itself, not for esbuild. */
const pluginSettings = new Set([
  'concurrency',
  'zipConcurrency',
  'exclude',
  'packager',
  'packagePath',
  'packagerOptions',
  'nativeZip',
  'zipLevel',
  'watch',
  'plugins',
  'installExtraArgs',
  'outputWorkFolder',
  'outputBuildFolder',
  'outputFileExtension',
  'keepOutputDirectory',
  'skipBuild',
  'skipRebuild',
  'skipBuildExcludeFns',
  'stripEntryResolveExtensions',
  'disposeContext',
])

const deployment = v.parse(Deployment, parse(readFileSync(`${root}serverless.yml`, 'utf8')))

/** Function name → source file. */
export const functions: ReadonlyMap<string, string> = new Map(
  Object.entries(deployment.functions).map(([name, { handler }]) => [name, handler.replace(/\.\w+$/, '.ts')]),
)

export type Bundle = { readonly file: string; readonly bytes: number; readonly zippedBytes: number }

const shipped: BuildOptions = Object.fromEntries(
  Object.entries(deployment.custom.esbuild).filter(([name]) => !pluginSettings.has(name)),
)

/** @param entry the source file, relative to the root of the repository */
export function bundleAsShipped(entry: string, outfile: string): Promise<Bundle> {
  return bundle(entry, outfile, shipped)
}

/** The baselines, bundled as we bundle, but with the SDK's own DynamoDB client. */
export function bundleWithSdk(entry: string, outfile: string): Promise<Bundle> {
  const { '@aws-sdk/client-dynamodb': _, ...alias } = deployment.custom.esbuild.alias
  return bundle(entry, outfile, { ...shipped, alias })
}

/** The baseline of cold starts and sizes: the SDK bundled as ECMAScript modules and minified, without further measures. */
export function bundlePlainly(entry: string, outfile: string): Promise<Bundle> {
  const { target } = shipped
  return bundle(entry, outfile, {
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    // CommonJS packages in the bundle need `require`.
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    ...(target && { target }),
  })
}

async function bundle(entry: string, outfile: string, options: BuildOptions): Promise<Bundle> {
  await build({ ...options, absWorkingDir: root, entryPoints: [entry], outfile, logLevel: 'error' })
  const content = readFileSync(outfile)
  return { file: outfile, bytes: content.length, zippedBytes: zippedBytes(content, entry.replace(/\.ts$/, '.js')) }
}

/** The size of a zip of one file, packed as serverless-esbuild packs it: at level 1, with the headers of the format. */
function zippedBytes(content: Uint8Array, name: string): number {
  const [localHeader, descriptor, directoryEntry, end] = [30 + name.length, 16, 46 + name.length, 22]
  return deflateRawSync(content, { level: 1 }).length + localHeader + descriptor + directoryEntry + end
}
