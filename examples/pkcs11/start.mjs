/** Serves a configuration whose signing key is in a device. */
import { readFileSync } from 'node:fs'

import { createExchequer, listen, secretsFrom } from 'exchequer/node'
import { sqliteStore } from 'exchequer/stores/sqlite'

import { openToken } from './hsm.mjs'

const { PKCS11_LIBRARY: library = '/usr/lib/softhsm/libsofthsm2.so', PKCS11_TOKEN: token = 'exchequer', PKCS11_PIN: pin, KEY = 'signing' } = process.env
const [file = 'exchequer.json', port = '9443'] = process.argv.slice(2)

const device = openToken({ library, token, pin })
if (process.env.MAKE_KEY === 'yes') device.makeKey(KEY)
const config = { ...JSON.parse(readFileSync(file, 'utf8')), keys: [device.key(KEY)] }
const exchequer = await createExchequer(config, {
  store: () => sqliteStore('file:exchequer.sqlite'),
  secrets: secretsFrom('.'),
  sign: device.sign,
  audit: (line) => console.log(line),
  onError: (error) => console.error(error.message),
})
const server = await listen(exchequer, { port: Number(port) })
console.error(`exchequer listens on ${server.url}`)
process.once('SIGTERM', async () => {
  await server.close()
  await exchequer.close()
  device.close()
})
