'use strict';

// Calls our server at the address given and prints one line of JSON: what each scenario saw. The test judges.
const { grpc, Echo } = require('./echo');

const address = process.argv[2];
const options = { 'grpc.max_receive_message_length': -1 };
const client = new Echo(address, grpc.credentials.createInsecure(), options);
const gzipClient = new Echo(address, grpc.credentials.createInsecure(), {
  ...options,
  'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
});

const errorOf = (error) => ({
  code: error.code,
  details: error.details,
  detail: error.metadata.get('detail')[0],
  raw: error.metadata.get('raw-bin')[0]?.toString('hex'),
});

const mirrored = (metadata) => ({
  text: metadata.get('x-text')[0],
  raw: metadata.get('x-raw-bin').map((value) => value.toString('hex')),
});

const unary = (request, { over = client, metadata = new grpc.Metadata(), callOptions = {}, use = () => {} } = {}) =>
  new Promise((resolve) => {
    const seen = {};
    const call = over.Unary(request, metadata, callOptions, (error, response) => Object.assign(seen, { error, response }));
    call.on('metadata', (headers) => (seen.headers = headers));
    call.on('status', (status) => resolve({ ...seen, status }));
    use(call);
  });

const readAll = (stream) =>
  new Promise((resolve) => {
    const messages = [];
    const seen = { messages };
    stream.on('data', (message) => messages.push(message));
    stream.on('error', (error) => (seen.error = error));
    stream.on('status', (status) => resolve({ ...seen, status }));
  });

const scenarios = {
  async unary() {
    const { response, status } = await unary({ text: 'grüße', number: 42, data: Buffer.from([1, 2, 3]) });
    return { text: response.text, number: response.number, data: response.data.toString('hex'), code: status.code };
  },

  async big() {
    const data = Buffer.alloc(1 << 20, 'abcdefg');
    const { response } = await unary({ data });
    return { same: data.equals(response.data) };
  },

  async gzip() {
    const data = Buffer.alloc(1 << 18, 'abcdefg');
    const { response } = await unary({ data }, { over: gzipClient });
    return { same: data.equals(response.data) };
  },

  async tooBig() {
    return errorOf((await unary({ data: Buffer.alloc(5 << 20) })).error);
  },

  clientStream() {
    return new Promise((resolve) => {
      const call = client.ClientStream((error, response) => resolve({ error, ...response }));
      for (let i = 1; i <= 10; i++) call.write({ text: `${i}`, number: i });
      call.end();
    });
  },

  clientStreamError() {
    return new Promise((resolve) => {
      const call = client.ClientStream((error) => resolve(errorOf(error)));
      call.write({ text: 'fail' });
    });
  },

  async serverStream() {
    const { messages, status } = await readAll(client.ServerStream({ number: 100 }));
    return { numbers: messages.map((m) => m.number), code: status.code };
  },

  async serverStreamError() {
    const { messages, error } = await readAll(client.ServerStream({ text: 'fail', number: 3 }));
    return { numbers: messages.map((m) => m.number), ...errorOf(error) };
  },

  async duplex() {
    const call = client.Duplex();
    const headers = await new Promise((resolve) => call.on('metadata', resolve));
    const all = readAll(call);
    for (let i = 0; i < 50; i++) {
      const answer = new Promise((resolve) => call.once('data', resolve));
      call.write({ number: i });
      await answer;
    }
    call.end();
    const { messages, status } = await all;
    return { headers: headers !== undefined, numbers: messages.map((m) => m.number), code: status.code };
  },

  async error() {
    return errorOf((await unary({ text: 'fail' })).error);
  },

  async metadata() {
    const metadata = new grpc.Metadata();
    metadata.set('x-text', 'plain text');
    metadata.add('x-raw-bin', Buffer.from([0, 1, 255]));
    metadata.add('x-raw-bin', Buffer.from([7]));
    const { headers, status } = await unary({ text: 'metadata' }, { metadata });
    return { headers: mirrored(headers), trailers: mirrored(status.metadata) };
  },

  async deadline() {
    const { response } = await unary({ text: 'deadline' }, { callOptions: { deadline: Date.now() + 3600_000 } });
    const { error } = await unary({ text: 'wait' }, { callOptions: { deadline: Date.now() + 50 } });
    return { seconds: response.number, code: error.code };
  },

  async cancel() {
    // The headers of the response say that the call has reached the handler.
    const use = (call) => call.on('metadata', () => call.cancel());
    return errorOf((await unary({ text: 'cancel' }, { use })).error);
  },

  unimplemented() {
    return new Promise((resolve) => {
      const bytes = (value) => value;
      client.makeUnaryRequest('/cluster.tests.Echo/Nothing', bytes, bytes, Buffer.alloc(0), (error) => resolve(errorOf(error)));
    });
  },
};

(async () => {
  const results = {};
  for (const [name, run] of Object.entries(scenarios)) results[name] = await run();
  console.log(JSON.stringify(results));
  process.exit(0);
})();
