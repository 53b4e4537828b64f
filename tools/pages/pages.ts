/** All generated pages. A page may read the pages before it, so their order matters. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { customerAccessText } from '../../src/access/role/customer-access.ts'
import { readRoleFiles } from '../../src/template/role-files.ts'
import { roleCards } from '../iam/pages/picture.ts'
import { reachPages } from '../iam/pages/reach-pages.ts'
import { rolesTable } from '../iam/pages/roles-table.ts'
import { drawRoles } from '../iam/pages/svg.ts'
import { readOperations } from '../scale/measured.ts'
import { apiPage } from './api-page.ts'
import { type Blocks, fillBlocks, hasBlocks } from './blocks.ts'
import { cliPage } from './cli-page.ts'
import { eventsPage } from './events-page.ts'
import { openApiText } from './openapi.ts'
import type { Page } from './page.ts'
import { reliabilityPage } from './reliability-page.ts'
import { scalePage } from './scale-page.ts'
import { stackBlocks } from './stack-blocks.ts'
import { suppressionPage } from './suppression-page.ts'
import { terraformModule } from './terraform-module.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** @param archiveSizes sizes of the functions' archives in bytes; undefined leaves the blocks with sizes unchanged */
export function allPages(archiveSizes?: readonly number[]): Page[] {
  return [
    { path: 'iam/customer-access.yml', text: customerAccessText },
    {
      path: 'iam/README.md',
      text: () => {
        const { roles, boundary, templates } = readRoleFiles()
        return rolesTable(roles, boundary, templates)
      },
    },
    { path: 'docs/roles.svg', text: () => drawRoles(roleCards()) },
    ...terraformModule,
    ...reachPages(),
    { path: 'docs/events.md', text: eventsPage },
    { path: 'docs/openapi.json', text: openApiText },
    { path: 'docs/api.md', text: apiPage },
    { path: 'docs/suppression.md', text: suppressionPage },
    { path: 'docs/cli.md', text: cliPage },
    { path: 'docs/reliability.md', text: reliabilityPage },
    { path: 'docs/scale.md', text: (current) => scalePage(current, readOperations()) },
    ...pagesWithBlocks(stackBlocks(archiveSizes)),
  ]
}

/** README.md and the pages in docs/ that contain generated blocks. */
function pagesWithBlocks(blocks: Blocks): Page[] {
  const paths = ['README.md', ...readdirSync(`${root}docs`, { recursive: true }).map((file) => `docs/${String(file)}`)]
  return paths
    .filter((path) => path.endsWith('.md') && hasBlocks(readFileSync(`${root}${path}`, 'utf8')))
    .sort()
    .map((path) => ({ path, text: (current) => fillBlocks(path, current, blocks) }))
}
