/** A Worker that reads a request and answers as if it had made an exchange. */
export default {
  async fetch(request) {
    const text = await request.text()
    return Response.json({ access_token: text.slice(0, 700), token_type: 'Bearer' })
  },
}
