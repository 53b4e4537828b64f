/** Works on many items with a limit on how many are under way. */

/**
 * Calls `work` for each item, in the order of `items`, with at most `atOnce` calls under way. An async source is read only as fast as
 * items are worked on.
 * @throws the first error of `work`, as soon as it occurs. The other items are still worked on, and their errors are dropped: a `work`
 * whose items must not affect each other catches its own errors
 */
export async function concurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const worker = async () => {
    for (let next = await source.next(); !next.done; next = await source.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
