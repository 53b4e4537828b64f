/**
 * `npm run secrets`: searches every file of the repository for credentials; with `-- --history`, also what any commit ever added. Exits with 1 if
 * there is one. It prints kind, file and line, and never the value.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { secretsIn } from './scan.ts'

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 31 - 1 })

/** Keys that belong to nobody: path, and why. */
const allowed: Readonly<Record<string, string>> = {
  'test/webhooks/certificate.ts': 'the key of a certificate for localhost',
}

const foundIn = (file: string, text: string) => (Object.hasOwn(allowed, file) ? [] : secretsIn(text))

function inFiles(): string[] {
  const files = git('ls-files', '-z').split('\0').filter(Boolean)
  return files.flatMap((file) => foundIn(file, textOf(file)).map(({ kind, line }) => `${file}:${line}: ${kind}`))
}

/** The lines that each commit added to each file, one commit at a time. */
function inHistory(): string[] {
  const commits = git('rev-list', '--all').split('\n').filter(Boolean)
  return commits.flatMap((commit) =>
    git('show', '--format=', '--unified=0', '--no-color', commit)
      .split(/^diff --git a\/.* b\//m)
      .flatMap((part) => {
        const [file = '', ...lines] = part.split('\n')
        const added = lines.flatMap((line) => (line.startsWith('+') && !line.startsWith('+++') ? line.slice(1) : []))
        return foundIn(file, added.join('\n')).map(({ kind }) => `${file} in commit ${commit}: ${kind}`)
      }),
  )
}

/** A file that was deleted in the working tree is none. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const found = [...inFiles(), ...(process.argv.includes('--history') ? inHistory() : [])]
process.stdout.write(found.length === 0 ? 'no credentials found\n' : `${found.join('\n')}\n`)
process.exitCode = found.length === 0 ? 0 : 1
