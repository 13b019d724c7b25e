/** A Worker that reads the request and answers as if it had made an exchange. */
export default {
  async fetch(request) {
    const { token } = await request.json()
    return Response.json({ access_token: token })
  },
}
