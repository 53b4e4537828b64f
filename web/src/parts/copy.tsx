/** A text to paste, with a button that copies it. */
import { useSignal } from '@preact/signals'

export function Copy({ text }: { text: string }) {
  const state = useSignal<'idle' | 'copied' | 'failed'>('idle')
  const copy = async () => {
    state.value = await navigator.clipboard.writeText(text).then(
      () => 'copied' as const,
      () => 'failed' as const,
    )
  }
  return (
    <div class="copy">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text must be scrollable with the keyboard. */}
      <pre tabIndex={0}>{text}</pre>
      <button type="button" onClick={copy}>
        {state.value === 'copied' ? 'Copied' : 'Copy'}
      </button>
      <span role="status">{state.value === 'failed' ? 'The browser refused. Select the text and copy it.' : ''}</span>
    </div>
  )
}
