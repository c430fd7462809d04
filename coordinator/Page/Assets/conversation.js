// What was said and with which parameters, kept in this browser.

const key = "cluster.conversation";

/** A conversation: { messages: [{ role, content, note }], parameters: { name: text } }. */
export function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    if (Array.isArray(kept?.messages) && kept.parameters) return kept;
  } catch {
    // What cannot be read is begun anew.
  }
  return { messages: [], parameters: {} };
}

export function save(conversation) {
  try {
    localStorage.setItem(key, JSON.stringify(conversation));
  } catch {
    // A full or forbidden store: the conversation lasts as long as the page.
  }
}

/** The body of a request for the next answer. */
export function toRequest({ messages, parameters }) {
  const request = { messages: messages.map(({ role, content }) => ({ role, content })), stream: true, stream_options: { include_usage: true } };
  const { system, ...numbers } = parameters;
  if (system?.trim()) request.messages.unshift({ role: "system", content: system });
  for (const [name, text] of Object.entries(numbers)) {
    if (text !== "" && Number.isFinite(Number(text))) request[name] = Number(text);
  }
  return request;
}
