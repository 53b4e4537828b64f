/** `npm run model`: prints what a stack costs and which quota it meets first. docs/scale.md holds the same tables. */
import { scaleSections } from '../pages/scale-page.ts'
import { readOperations } from './measured.ts'

console.log(scaleSections(readOperations()).join('\n\n'))
