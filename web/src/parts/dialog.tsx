/** A dialog over the page, with the focus inside. Escape closes it, and the focus returns to where it was. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: ComponentChildren
}) {
  const element = useRef<HTMLDialogElement>(null)
  // Before the next paint, so that a key that is pressed at once reaches the open dialog.
  useLayoutEffect(() => {
    const [before, screen] = [document.activeElement, location.hash]
    element.current?.showModal()
    return () => {
      // A dialog that led to another screen leaves the focus to it.
      if (before instanceof HTMLElement && location.hash === screen) before.focus()
    }
  }, [])
  return (
    <dialog ref={element} onClose={onClose} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  )
}
