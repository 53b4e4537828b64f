/**
 * `npm run licences`: lists the licences of everything that ships, also of dependencies of dependencies, from package-lock.json. Exits with 1 if one is
 * not permitted.
 */
import { readFileSync } from 'node:fs'
import { licencesOf, permitted } from './shipped.ts'

const found = licencesOf(readFileSync('package-lock.json', 'utf8'))
for (const [licence, packages] of [...found].sort(([, a], [, b]) => b.length - a.length))
  process.stdout.write(`${permitted.has(licence) ? ' ' : '!'} ${String(packages.length).padStart(4)} ${licence}\n`)
const others = [...found].filter(([licence]) => !permitted.has(licence)).flatMap(([, packages]) => packages)
if (others.length > 0) {
  process.stdout.write(`not permitted: ${others.join(', ')}\n`)
  process.exitCode = 1
}
