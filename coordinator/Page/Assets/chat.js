// The chat: a conversation, streamed answers, stop and regenerate.
import { request as send } from "./api.js";
import { load, save, toRequest } from "./conversation.js";
import { readEvents } from "./events.js";

const byId = id => document.getElementById(id);

export function startChat() {
  const conversation = load();
  const fields = [...byId("parameters").querySelectorAll("[name]")];
  let running = null;

  for (const field of fields) {
    field.value = conversation.parameters[field.name] ?? "";
    field.addEventListener("input", () => {
      conversation.parameters[field.name] = field.value;
      save(conversation);
    });
  }

  for (const message of conversation.messages) show(message);
  update();

  byId("composer").addEventListener("submit", event => {
    event.preventDefault();
    const content = byId("input").value.trim();
    if (!content || running) return;
    byId("input").value = "";
    add({ role: "user", content });
    answer();
  });
  byId("input").addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      byId("composer").requestSubmit();
    }
  });
  document.addEventListener("keydown", event => {
    if (event.key === "Escape") running?.abort();
  });
  byId("stop").addEventListener("click", () => running?.abort());
  byId("regenerate").addEventListener("click", () => {
    if (running || conversation.messages.at(-1)?.role !== "assistant") return;
    conversation.messages.pop();
    byId("messages").lastElementChild.remove();
    answer();
  });
  byId("clear").addEventListener("click", () => {
    running?.abort();
    conversation.messages.length = 0;
    byId("messages").replaceChildren();
    notify("");
    save(conversation);
    update();
    byId("input").focus();
  });

  async function answer() {
    const abort = running = new AbortController();
    const request = toRequest(conversation);
    const message = { role: "assistant", content: "" };
    const item = add(message);
    item.classList.add("writing");
    notify("");
    update();
    const began = performance.now();
    let first = 0;
    let usage = null;
    let finish = null;
    try {
      const response = await send("v1/chat/completions", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request), signal: abort.signal,
      });
      if (!response.ok) throw new Error((await response.json().catch(() => null))?.error?.message ?? `${response.status} ${response.statusText}`);
      for await (const event of readEvents(response)) {
        if (event.error) throw new Error(event.error.message);
        usage = event.usage ?? usage;
        const choice = event.choices?.[0];
        finish = choice?.finish_reason ?? finish;
        const text = choice?.delta?.content;
        if (!text) continue;
        first ||= performance.now();
        message.content += text;
        item.firstChild.data = message.content;
        keepInView(item);
      }
      if (!finish) throw new Error("the answer was cut off");
    } catch (error) {
      if (abort.signal.aborted) finish = "stopped";
      else notify(`No answer: ${error.message}`);
    }
    if (conversation.messages.includes(message)) finishMessage();
    if (running === abort) running = null;
    update();

    function finishMessage() {
      item.classList.remove("writing");
      if (message.content || finish) {
        message.note = describe(began, first, usage, finish);
        item.lastChild.textContent = message.note;
      } else {
        conversation.messages.splice(conversation.messages.indexOf(message), 1);
        item.remove();
      }
      save(conversation);
    }
  }

  function add(message) {
    conversation.messages.push(message);
    save(conversation);
    const item = show(message);
    keepInView(item);
    return item;
  }

  function update() {
    byId("send").hidden = running !== null;
    byId("stop").hidden = running === null;
    byId("regenerate").disabled = running !== null || conversation.messages.at(-1)?.role !== "assistant";
  }
}

function show(message) {
  const item = document.createElement("li");
  item.className = message.role;
  const note = document.createElement("small");
  note.textContent = message.note ?? "";
  item.append(document.createTextNode(message.content), note);
  byId("messages").append(item);
  return item;
}

function keepInView(item) {
  const { scrollHeight, scrollTop, clientHeight } = document.scrollingElement;
  if (scrollHeight - scrollTop - clientHeight < 240) item.scrollIntoView({ block: "end" });
}

function notify(text) {
  byId("notice").hidden = !text;
  byId("notice").textContent = text;
}

function describe(began, first, usage, finish) {
  const parts = [];
  if (first) parts.push(`first token after ${((first - began) / 1000).toFixed(2)} s`);
  if (usage?.completion_tokens > 1 && first) {
    parts.push(`${usage.completion_tokens} tokens`, `${((usage.completion_tokens - 1) * 1000 / (performance.now() - first)).toFixed(1)} tokens/s`);
  }
  if (finish === "length") parts.push("cut at the limit of tokens");
  if (finish === "stopped") parts.push("stopped");
  return parts.join(" · ");
}
