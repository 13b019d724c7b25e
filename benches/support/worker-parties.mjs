/** The parties of a Worker that keeps what it is given by `PUT`, and has one of them work by `POST /run/N`. */

/** @param names the parties in the order in which the Worker has them */
export function workerParties(miniflare, names) {
  return {
    put: (what, value) => miniflare.dispatchFetch(`http://worker/${what}`, { method: 'PUT', body: JSON.stringify(value) }),
    async run(name) {
      const response = await miniflare.dispatchFetch(`http://worker/run/${names.indexOf(name)}`, { method: 'POST' })
      if (response.status !== 200) throw new Error(`${name}: ${await response.text()}`)
      return response.json()
    },
  }
}
