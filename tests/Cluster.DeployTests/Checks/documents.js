// The documents of a YAML stream on standard input, with duplicate keys refused; run by itself it prints them as JSON.
const { parseAllDocuments } = require('yaml');

exports.readDocuments = () => parseAllDocuments(require('fs').readFileSync(0, 'utf8'), { uniqueKeys: true }).map(document => {
  if (document.errors.length > 0) throw document.errors[0];
  return document.toJS();
}).filter(document => document !== null);

if (require.main === module) console.log(JSON.stringify(exports.readDocuments()));
