// Requests to the API, with the key that the user gave where the server asks for one. It stays in this browser.

const stored = "cluster.key";
const byId = id => document.getElementById(id);

/** As fetch; asks for a key when one is needed. */
export async function request(path, options = {}) {
  const key = load();
  const response = await fetch(path, { ...options, headers: key ? { ...options.headers, Authorization: `Bearer ${key}` } : options.headers });
  if (response.status === 401 && key === load()) show(key ? "This API key is not accepted." : "The server asks for an API key.");
  return response;
}

export function startKeyForm() {
  byId("key-form").addEventListener("submit", event => {
    event.preventDefault();
    save(byId("key").value.trim());
  });
  byId("key-forget").addEventListener("click", () => save(""));
  byId("key-open").addEventListener("click", () => show("The key that this browser sends:"));
  byId("key-open").hidden = !load();
}

function show(text) {
  if (byId("key-form").hidden) byId("key").value = "";
  byId("key-text").textContent = text;
  byId("key-forget").hidden = !load();
  byId("key-form").hidden = false;
}

function save(key) {
  try {
    if (key) localStorage.setItem(stored, key);
    else localStorage.removeItem(stored);
  } catch {
    // A forbidden store: there is no key then.
  }
  byId("key-form").hidden = true;
  byId("key-open").hidden = !load();
}

function load() {
  try {
    return localStorage.getItem(stored) ?? "";
  } catch {
    return "";
  }
}
