// Manifests (a YAML stream on standard input) against Kubernetes' own schemas, strictly: prints a JSON array of problems.
const path = require('path');
const { readDocuments } = require('./documents');

const schemas = ['kubernetes-models', '@kubernetes-models/prometheus-operator'].map(name =>
  path.join(__dirname, 'node_modules', name, '_schemas'));

const capital = text => text.charAt(0).toUpperCase() + text.slice(1);

/** The names under which the packages keep the validator of a kind. */
function candidates(apiVersion, kind) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  return [
    `IoK8sApi${capital(group.replace(/\.k8s\.io$/, ''))}${capital(version)}${kind}`,
    `${group.split('.').map(capital).join('')}${capital(version)}${kind}`,
  ];
}

function validator(apiVersion, kind) {
  for (const folder of schemas)
    for (const name of candidates(apiVersion, kind))
      try {
        return require(path.join(folder, name)).validate;
      } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND') throw error;
      }
  return null;
}

/** A view of a document that remembers which of its fields were looked at: what a schema does not know, its validator never reads. */
function watched(value, at, seen) {
  if (value === null || typeof value !== 'object') return value;
  return new Proxy(value, {
    get(target, key) {
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return target[key];
      seen.add(`${at}/${key}`);
      return watched(target[key], `${at}/${key}`, seen);
    },
  });
}

function* unread(value, at, seen) {
  if (value === null || typeof value !== 'object') return;
  for (const key of Object.keys(value)) {
    const path = `${at}/${key}`;
    if (seen.has(path)) yield* unread(value[key], path, seen);
    else yield path;
  }
}

function problems(document) {
  const name = `${document.kind} ${document.metadata?.name}`;
  const validate = validator(String(document.apiVersion), String(document.kind));
  if (!validate) return [`${name}: there is no ${document.apiVersion} ${document.kind}`];
  const seen = new Set();
  const wrong = validate(watched(document, '', seen)) ? [] : validate.errors;
  return [
    ...wrong.map(error => `${name}: ${error.instancePath || '/'} ${error.message || error.keyword} ${JSON.stringify(error.params)}`),
    ...[...unread(document, '', seen)].map(path => `${name}: ${path} is unknown`),
  ];
}

console.log(JSON.stringify(readDocuments().flatMap(problems)));
