#!/usr/bin/env node
// Writes iam/customer-access.yml from the operations that the code performs in customers' accounts.
import { writeFile } from 'node:fs/promises'
import { customerAccessText } from '../../../src/access/role/customer-access.ts'

await writeFile(new URL('../../../iam/customer-access.yml', import.meta.url), customerAccessText())
