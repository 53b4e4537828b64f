/**
 * What Lambda's runtime does with a function, once: loads the bundle (CommonJS by require, ECMAScript modules by import), hands it one
 * event, and is done. Writes the milliseconds since the process began: when this file began, when the bundle was loaded, when the
 * event was done. Plain CommonJS, so that it loads nothing but the bundle.
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
