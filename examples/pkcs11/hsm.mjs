/** Keys in a device with a PKCS#11 library: an HSM, a smart card, a KMS with such a library, SoftHSM. */
import { createHash } from 'node:crypto'

import pkcs11js from 'pkcs11js'

const { PKCS11 } = pkcs11js
/** The object identifier of P-256 (RFC 5480 section 2.1.1.1). */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex')
/** A point that is not compressed: two coordinates of 32 bytes. */
const POINT_BYTES = 65

/** Opens the token with this label. A key is found by its label, which is its `kid`. */
export function openToken({ library, token, pin }) {
  const pkcs11 = new PKCS11()
  pkcs11.load(library)
  pkcs11.C_Initialize()
  const slots = pkcs11.C_GetSlotList(true)
  const slot = slots.find((slot) => pkcs11.C_GetTokenInfo(slot).label.trim() === token)
  if (slot === undefined) throw new Error(`${library} has no token ${token}`)
  const session = pkcs11.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION)
  pkcs11.C_Login(session, pkcs11js.CKU_USER, pin)

  const find = (kind, kid) => {
    const template = [
      { type: pkcs11js.CKA_CLASS, value: kind },
      { type: pkcs11js.CKA_LABEL, value: kid },
    ]
    pkcs11.C_FindObjectsInit(session, template)
    const [found] = pkcs11.C_FindObjects(session, 1)
    pkcs11.C_FindObjectsFinal(session)
    if (found === undefined) throw new Error(`the token has no key ${kid}`)
    return found
  }

  return {
    /** Makes a key for ES256 in the device, which does not give it out. */
    makeKey(kid) {
      const label = { type: pkcs11js.CKA_LABEL, value: kid }
      const kept = { type: pkcs11js.CKA_TOKEN, value: true }
      const publicKey = [label, kept, { type: pkcs11js.CKA_VERIFY, value: true }, { type: pkcs11js.CKA_EC_PARAMS, value: P256 }]
      const privateKey = [
        label,
        kept,
        { type: pkcs11js.CKA_SIGN, value: true },
        { type: pkcs11js.CKA_SENSITIVE, value: true },
        { type: pkcs11js.CKA_EXTRACTABLE, value: false },
      ]
      pkcs11.C_GenerateKeyPair(session, { mechanism: pkcs11js.CKM_EC_KEY_PAIR_GEN }, publicKey, privateKey)
    },

    /** Takes a key away. */
    destroy(kid) {
      for (const kind of [pkcs11js.CKO_PRIVATE_KEY, pkcs11js.CKO_PUBLIC_KEY]) pkcs11.C_DestroyObject(session, find(kind, kid))
    },

    /** The key as `keys` of the configuration has it. */
    key(kid) {
      const [{ value }] = pkcs11.C_GetAttributeValue(session, find(pkcs11js.CKO_PUBLIC_KEY, kid), [{ type: pkcs11js.CKA_EC_POINT }])
      // The point stands at the end of an octet string.
      const point = value.subarray(value.length - POINT_BYTES)
      const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((octets) => octets.toString('base64url'))
      return { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', private: 'host' }
    },

    /** The option `sign` of `createExchequer`. What a device answers to CKM_ECDSA is `r ‖ s`, as JOSE has it. */
    sign({ alg, kid, message }) {
      if (alg !== 'ES256') throw new Error(`this example does not sign with ${alg}`)
      const hash = createHash('sha256').update(message).digest()
      pkcs11.C_SignInit(session, { mechanism: pkcs11js.CKM_ECDSA }, find(pkcs11js.CKO_PRIVATE_KEY, kid))
      return pkcs11.C_Sign(session, hash, Buffer.alloc(64))
    },

    close() {
      pkcs11.C_Logout(session)
      pkcs11.C_CloseSession(session)
      pkcs11.C_Finalize()
      pkcs11.close()
    },
  }
}
