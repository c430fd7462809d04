// The cluster view: what /cluster tells, once a second while the page is looked at.

import { request } from "./api.js";

const period = 1000;
const linkPeriod = 10_000;
const kept = 120;
const byId = id => document.getElementById(id);
const rates = [];
const roundTrips = new Map();
let previous = null;

/** Calls <onState> with every answer, also with a made-up one when none comes. */
export function startClusterView(onState) {
  const poll = async () => {
    if (!document.hidden) {
      const state = await fetchState();
      onState(state);
      if (state.ranks) show(state);
    }
    setTimeout(poll, period);
  };
  poll();
  pollLinks();
}

// Asking for round trips makes them, so that it is done seldom.
async function pollLinks() {
  if (!document.hidden) {
    try {
      const response = await request("cluster/workers", { signal: AbortSignal.timeout(5000) });
      roundTrips.clear();
      if (response.ok) for (const worker of (await response.json()).workers) roundTrips.set(worker.name, worker.round_trip_seconds);
    } catch {
      roundTrips.clear();
    }
  }
  setTimeout(pollLinks, linkPeriod);
}

async function fetchState() {
  try {
    const response = await request("cluster", { signal: AbortSignal.timeout(5000) });
    if (response.ok) return await response.json();
    if (response.status === 401) return { status: "failed", reason: "an API key is needed" };
    return { status: "failed", reason: `${response.status} ${response.statusText}` };
  } catch {
    return { status: "failed", reason: "the coordinator does not answer" };
  }
}

function show(state) {
  const now = performance.now();
  const generated = state.steps.decode.tokens;
  const seconds = previous ? (now - previous.time) / 1000 : 0;
  const same = previous?.state.plan_version === state.plan_version && generated >= (previous?.state.steps.decode.tokens ?? 0);
  const rate = seconds > 0 && same ? (generated - previous.state.steps.decode.tokens) / seconds : 0;
  rates.push(rate);
  if (rates.length > kept) rates.shift();
  showFigures(state, rate);
  showThroughput();
  showTopology(state, same ? previous.state : null);
  showList("spares", state.spares, worker => `${worker.name} · ${worker.address} · ${worker.device}`, "none");
  showEvents(state.events);
  previous = { time: now, state };
}

function showFigures(state, rate) {
  const cache = state.kv_cache;
  const figures = {
    "Tokens a second": rate.toFixed(1),
    "Sequences": `${state.sequences.running} running, ${state.sequences.waiting} waiting`,
    "Split": `${state.tensor_parallel} × tensor, ${state.pipeline} × pipeline`,
    "KV types": `${state.kv_type_k} / ${state.kv_type_v}`,
    "KV blocks": cache ? `${cache.used_blocks} used, ${cache.cached_blocks} cached, ${cache.free_blocks} free` : "–",
    "Prefix hits": cache ? `${(cache.prefix_hit_rate * 100).toFixed(0)} %` : "–",
    "Context": `${state.context_length} tokens`,
    "Plan": `version ${state.plan_version}`,
  };
  byId("figures").replaceChildren(...Object.entries(figures).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function showThroughput() {
  const most = Math.max(1, ...rates);
  const points = rates.map((rate, i) => `${((i + kept - rates.length) * 600 / (kept - 1)).toFixed(1)},${(78 - rate * 74 / most).toFixed(1)}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", `M${points.join("L")}`);
  byId("throughput").replaceChildren(path);
}

function showTopology(state, before) {
  const stages = Map.groupBy(state.ranks, rank => rank.stage);
  byId("topology").replaceChildren(...[...stages].map(([stage, ranks]) => element("div", { className: "stage" },
    element("h3", {}, `Stage ${stage} · layers ${ranks[0].layers[0]}–${ranks[0].layers[1] - 1}`),
    ...ranks.map(rank => showRank(rank, state, before)))));
}

function showRank(rank, state, before) {
  const times = share(state, before, rank.rank);
  const bar = element("div", { className: "bar", role: "img", title: times.text, ariaLabel: times.text },
    ...["compute", "wire", "wait"].map(kind => {
      const part = element("span", { className: kind });
      part.style.width = `${times[kind] * 100}%`;
      return part;
    }));
  return element("article", { className: rank.present ? "rank" : "rank lost" },
    element("h4", {}, `${rank.rank}: ${rank.worker}`),
    element("p", {}, `${rank.address} · ${rank.device}${roundTrip(rank.worker)}`),
    element("p", {}, `heads ${rank.heads[0]}–${rank.heads[1] - 1} (KV ${rank.kv_heads[0]}–${rank.kv_heads[1] - 1}) · weights ${size(rank.weight_bytes)} · KV ${size(rank.kv_bytes)}`),
    element("p", {}, times.text),
    bar);
}

function roundTrip(worker) {
  const seconds = roundTrips.get(worker);
  return seconds === undefined ? "" : ` · ${(seconds * 1000).toFixed(2)} ms round trip`;
}

// Shares of the time of decode steps since the answer before, or of all so far when there were none.
function share(state, before, rank) {
  const now = state.steps.decode;
  const then = before?.steps.decode;
  const since = then && now.steps > then.steps ? then : null;
  const part = name => now.ranks[rank][name] - (since?.ranks[rank]?.[name] ?? 0);
  const total = now.seconds - (since?.seconds ?? 0);
  const steps = now.steps - (since?.steps ?? 0);
  if (!(total > 0) || !steps) return { compute: 0, wire: 0, wait: 0, text: "no steps yet" };
  const milliseconds = name => (part(name) * 1000 / steps).toFixed(2);
  return {
    compute: part("compute") / total, wire: part("wire") / total, wait: part("wait") / total,
    text: `of ${(total * 1000 / steps).toFixed(2)} ms a step: compute ${milliseconds("compute")}, wire ${milliseconds("wire")}, wait ${milliseconds("wait")}`,
  };
}

function showList(id, items, describe, none) {
  byId(id).replaceChildren(...(items.length ? items.map(describe) : [none]).map(text => element("li", {}, text)));
}

function showEvents(events) {
  byId("events").replaceChildren(...events.toReversed().map(event => {
    const time = element("time", { dateTime: event.time }, new Date(event.time).toLocaleTimeString());
    return element("li", {}, time, event.text);
  }));
}

function size(bytes) {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
