// PromQL expressions, a JSON array on standard input, by Prometheus' own grammar: prints the metrics and labels that they name.
const { parser } = require('@prometheus-io/lezer-promql');

function read(expression) {
  // What Grafana puts in.
  const text = expression.replaceAll('$__rate_interval', '1m');
  const found = { expression, metrics: [], labels: [], isValid: true };
  parser.parse(text).iterate({
    enter(node) {
      const source = text.slice(node.from, node.to);
      if (node.type.isError) found.isValid = false;
      if (node.name === 'VectorSelector') found.metrics.push(text.slice(node.node.firstChild.from, node.node.firstChild.to));
      if (node.name === 'LabelName') found.labels.push(source);
    },
  });
  return found;
}

console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map(read)));
