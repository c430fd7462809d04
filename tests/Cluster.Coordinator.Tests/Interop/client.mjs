// OpenAI's own client against a server: all scenarios in one run, their results as one line of JSON.
import OpenAI from "openai";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "Hello" }];
const results = {};

async function failure(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, param: error.param, code: error.code, type: error.type, message: error.message };
  }
}

const models = [];
for await (const each of client.models.list()) models.push(each.id);
results.models = models;
results.model = (await client.models.retrieve(model)).owned_by;

const chat = await client.chat.completions.create({ model, messages, temperature: 0, max_completion_tokens: 40, n: 2, user: "someone" });
results.chat = {
  texts: chat.choices.map(choice => choice.message.content), reasons: chat.choices.map(choice => choice.finish_reason), usage: chat.usage.total_tokens,
};

const parts = [];
let usage = null;
let reason = null;
for await (const chunk of await client.chat.completions.create({ model, messages, temperature: 0, stream: true, stream_options: { include_usage: true } })) {
  parts.push(chunk.choices[0]?.delta?.content ?? "");
  reason ??= chunk.choices[0]?.finish_reason ?? null;
  usage ??= chunk.usage ?? null;
}
results.stream = { text: parts.join(""), several: parts.filter(part => part).length > 2, reason, usage: usage.total_tokens };

// What the library makes of the events by itself.
results.helper = await client.chat.completions.stream({ model, messages, temperature: 0 }).finalContent();

const logprobs = await client.chat.completions.create({ model, messages, temperature: 0, logprobs: true, top_logprobs: 3 });
const content = logprobs.choices[0].logprobs.content;
results.logprobs = { text: content.map(token => token.token).join(""), top: content.map(token => token.top_logprobs.length), likely: content.every(token => token.logprob > -0.1) };

const completion = await client.completions.create({ model, prompt: [300, 301, 302], max_tokens: 4, temperature: 0, logprobs: 2 });
results.completion = { tokens: completion.usage.completion_tokens, logprobs: completion.choices[0].logprobs.token_logprobs.length };

const embeddings = await client.embeddings.create({ model, input: ["Once upon a time", "there was"] });
const lengths = embeddings.data.map(({ embedding }) => Math.hypot(...embedding));
results.embeddings = { count: embeddings.data.length, normal: lengths.every(length => Math.abs(length - 1) < 1e-3), counted: embeddings.usage.prompt_tokens > 2 };

results.dimensions = await failure(client.embeddings.create({ model, input: "Once", dimensions: 3 }));
results.wrong = await failure(client.chat.completions.create({ model, messages, temperature: -1 }));
results.unknown = await failure(client.chat.completions.create({ model: "gpt-9", messages }));
results.role = await failure(client.chat.completions.create({ model, messages: [{ role: "wizard", content: "Hello" }] }));

const stream = await client.completions.create({ model, prompt: [300, 301, 302, 303], max_tokens: 8000, stream: true, ignore_eos: true });
let seen = 0;
for await (const _ of stream) {
  if (++seen === 3) stream.controller.abort();
}
results.cancelled = seen >= 3 && seen < 1000;

console.log(JSON.stringify(results));
