/** Secrets of the server itself, which come in its environment. */

/** The variable of each, by the option that it is given as. */
export const SECRETS = { adminToken: 'EXCHEQUER_ADMIN_TOKEN', keyWrappingKey: 'EXCHEQUER_KEY_WRAPPING_KEY' } as const

export type ServerSecrets = { readonly [option in keyof typeof SECRETS]?: string | undefined }

/** Takes them out of the environment, so that no child process inherits them. */
export function takeSecrets(): ServerSecrets {
  const entries = Object.entries(SECRETS).map(([option, name]) => {
    const value = process.env[name]
    delete process.env[name]
    return [option, value === '' ? undefined : value]
  })
  return Object.fromEntries(entries) as ServerSecrets
}

/** The environment of a worker that is to have them. */
export function environmentOf(secrets: ServerSecrets): Record<string, string> {
  const entries = Object.entries(SECRETS).flatMap(([option, name]) => {
    const value = secrets[option as keyof typeof SECRETS]
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(entries) as Record<string, string>
}
