export interface Told {
  id: number
  event: string
  data: Record<string, any>
}

/**
 * Reads server-sent events as a browser does. `events` grows while the server speaks;
 * `ended` settles once it has closed the stream.
 */
export async function listen(url: string, headers: Record<string, string> = {}) {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  const events: Told[] = []
  const ended = response.ok && response.body ? read(response.body, events) : Promise.resolve()
  return { response, events, ended: ended.catch(() => {}), leave: () => leaving.abort() }
}

async function read(body: ReadableStream<Uint8Array>, events: Told[]) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    events.push(...blocks.filter((block) => !block.startsWith(':')).map(toldBy))
  }
}

function toldBy(block: string): Told {
  const fields = Object.fromEntries(
    block
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
  )
  return { id: Number(fields.id), event: fields.event, data: JSON.parse(fields.data) }
}
