// The page: two views under one status line.
import { startKeyForm } from "./api.js";
import { startChat } from "./chat.js";
import { startClusterView } from "./cluster.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

function select(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
  }
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
}

for (const tab of tabs) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", event => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const next = tabs[(tabs.indexOf(tab) + 1) % tabs.length];
    select(next);
    next.focus();
  });
}

select(tabs.find(tab => `#${tab.getAttribute("aria-controls")}` === location.hash) ?? tabs[0]);
startKeyForm();
startChat();
startClusterView(state => {
  const light = document.getElementById("light");
  light.className = state.status;
  const text = state.status === "ok" ? `${state.model} on ${state.ranks.length} ${state.ranks.length === 1 ? "worker" : "workers"}` : `${state.status}: ${state.reason}`;
  const status = document.getElementById("status-text");
  if (status.textContent !== text) status.textContent = text;
});
