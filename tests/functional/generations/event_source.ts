export interface Told {
  id: string
  event: string
  data: Record<string, any>
}

/**
 * Reads server-sent events as a browser does. `events` grows while the server speaks,
 * `lastEventId` goes along; `ended` settles once it has closed the stream.
 */
export async function listen(url: string, headers: Record<string, string> = {}) {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  const heard = { events: [] as Told[], lastEventId: '' }
  const ended = response.ok && response.body ? read(response.body, heard) : Promise.resolve()
  return Object.assign(heard, {
    response,
    ended: ended.catch(() => {}),
    leave: () => leaving.abort(),
  })
}

async function read(
  body: ReadableStream<Uint8Array>,
  heard: { events: Told[]; lastEventId: string }
) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const { id, event, data } = fieldsOf(block)
      heard.lastEventId = id ?? heard.lastEventId
      if (data) heard.events.push({ id, event, data: JSON.parse(data) })
    }
  }
}

function fieldsOf(block: string): Record<string, string> {
  const lines = block.split('\n').filter((line) => !line.startsWith(':'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
  )
}
