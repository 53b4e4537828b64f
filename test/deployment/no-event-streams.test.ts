import { expect, test } from 'vitest'
import {
  EventStreamSerde,
  eventStreamSerdeProvider,
  NoEventStreamsError,
  resolveEventStreamSerdeConfig,
} from '../../infra/bundle/no-event-streams.ts'

test('An operation with an event stream, called in a bundle without them, says what is missing', () => {
  expect(eventStreamSerdeProvider).toThrow(NoEventStreamsError)
  expect(() => new EventStreamSerde()).toThrow(/serverless\.yml/)
})

test('A client that has such operations among others is made without them', () => {
  const config = { eventStreamSerdeProvider }
  expect(resolveEventStreamSerdeConfig(config)).toBe(config)
})
