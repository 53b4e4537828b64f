/** Light, dark, or as the system has it. The choice stays in this browser. */
import { signal } from '@preact/signals'

const key = 'sesame-theme'
const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const stored = localStorage.getItem(key)
export const theme = signal<Theme>(themes.find((one) => one === stored) ?? 'system')

const apply = () => {
  document.documentElement.dataset.theme = theme.value
}
apply()

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system'
  localStorage.setItem(key, theme.value)
  apply()
}
