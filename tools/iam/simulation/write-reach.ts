/** `npm run iam:reach`: writes test/roles/reach from the role files, one file each. What changes in them is what a reviewer looks at. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { fileNames } from '../role-parts.ts'
import { reachOf } from './reach.ts'

const folder = new URL('../../../test/iam/reach/', import.meta.url)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const name of fileNames()) {
  const head = `# How far the role of iam/${name}.yml reaches. Written by npm run iam:reach; read it when it changes.\n`
  writeFileSync(
    new URL(`${name}.yml`, folder),
    head + stringify(reachOf(name), { lineWidth: 140, aliasDuplicateObjects: false }),
  )
}
