/** A dialog over the page, with the focus inside. Escape closes it, and the focus returns to where it was. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

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
  useEffect(() => {
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
