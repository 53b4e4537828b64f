import { expect, test } from 'vitest'
import {
  EventStreamSerde,
  eventStreamSerdeProvider,
  NoEventStreamsError,
  resolveEventStreamSerdeConfig,
} from '../../infra/bundle/no-event-streams.ts'

test('an operation with an event stream fails in a bundle without support and names the remedy', () => {
  expect(eventStreamSerdeProvider).toThrow(NoEventStreamsError)
  expect(() => new EventStreamSerde()).toThrow(/serverless\.yml/)
})

test('a client with such operations can be created without support for event streams', () => {
  const config = { eventStreamSerdeProvider }
  expect(resolveEventStreamSerdeConfig(config)).toBe(config)
})
