/** Inputs that are small to send and large to read: each must be read or refused within bounds of time and memory. */
import { gzipSync } from 'node:zlib'
import { cpuSeconds } from '../../local/simulation/figures.ts'
import { readImport } from '../../src/importing/read-import.ts'
import type { Target } from './targets.ts'

export type HostileResult = { readonly name: string; readonly milliseconds: number; readonly megabytes: number }

const megabyte = 1024 * 1024
const bounds = { milliseconds: 10_000, megabytes: 256 }

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth)

const texts: readonly { readonly name: string; readonly text: () => string }[] = [
  { name: 'a million brackets', text: () => nested('[', ']', 500_000) },
  { name: 'a hundred thousand nested objects', text: () => nested('{"a":', '}', 100_000) },
  { name: 'an address of a megabyte', text: () => `${'a'.repeat(megabyte)}@example.org` },
  { name: 'a megabyte of @', text: () => '@'.repeat(megabyte) },
  { name: 'a megabyte of spaces', text: () => ' '.repeat(megabyte) },
  { name: 'a megabyte of quotes', text: () => '"'.repeat(megabyte) },
  { name: 'a megabyte of asterisks', text: () => `{"Statement":{"Action":"${'*'.repeat(megabyte)}"}}` },
]

/** Runs every target with every hostile text. @throws if one takes too long or too much */
export async function runHostile(targets: readonly Target[], isAllowed: (error: unknown, target: Target) => boolean) {
  const results: HostileResult[] = []
  for (const target of targets)
    for (const { name, text } of texts)
      results.push(
        await measured(`${target.name}: ${name}`, async () => {
          try {
            await target.run(text())
          } catch (error) {
            if (!isAllowed(error, target)) throw error
          }
        }),
      )
  // The archives are made before they are measured: making one takes as much memory as it holds.
  const [rows, line] = [bombOf('a@example.org\n', 8), bombOf('a', 32)]
  results.push(await measured('archives: 8 MB of rows in 8 KB', () => importArchive(rows)))
  results.push(await measured('archives: 32 MB in one line', () => importArchive(line)))
  return results
}

/** CPU time, because other programs may use the machine. Most of the memory is of earlier inputs, so the growth counts. */
async function measured(name: string, run: () => Promise<void>): Promise<HostileResult> {
  const before = process.memoryUsage().rss
  const startSeconds = cpuSeconds()
  await run()
  const milliseconds = (cpuSeconds() - startSeconds) * 1_000
  const megabytes = Math.max(0, process.memoryUsage().rss - before) / megabyte
  if (milliseconds > bounds.milliseconds || megabytes > bounds.megabytes)
    throw new Error(`${name} took ${milliseconds.toFixed(0)} ms and ${megabytes.toFixed(0)} MB`)
  return { name, milliseconds, megabytes }
}

const bombOf = (text: string, megabytes: number): Buffer =>
  gzipSync(Buffer.alloc(megabytes * megabyte, text), { level: 9 })

async function importArchive(archive: Buffer): Promise<void> {
  const bytes = async function* () {
    yield archive
  }
  const options = { fileName: 'bomb.gz', include: new Set<string>(), offsetMinutes: 0, now: new Date() }
  try {
    const read = await readImport(bytes(), options)
    if (read) for await (const { line } of read.outcomes) if (line < 0) throw new Error('A line has no number')
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ImportFormatError')) throw error
  }
}
