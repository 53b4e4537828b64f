/**
 * Does once what Lambda's runtime does with a function: loads the bundle (CommonJS with require, ECMAScript modules with import) and passes it
 * one event. Writes to standard error, in milliseconds since the process began, when this file began, when the bundle was loaded and when the
 * event was done. It is plain CommonJS, so it loads only the bundle.
 */
const [, , file, event] = process.argv
const begun = performance.now()

async function start() {
  const { handler } = file.endsWith('.mjs') ? await import(file) : require(file)
  const loaded = performance.now()
  await handler(JSON.parse(event), {})
  const done = performance.now()
  process.stderr.write(JSON.stringify({ begun, loaded, done }), () => process.exit())
}

start()
