'use strict';

// Serves Echo for our client. What a method does is said by the text of the request; InteropService.cs does the same.
// Prints its port and ends with its standard input.
const { grpc, Echo } = require('./echo');

let cancelled = 0;

function failure() {
  const metadata = new grpc.Metadata();
  metadata.set('detail', 'x');
  metadata.set('raw-bin', Buffer.from([0, 255, 128]));
  return { code: grpc.status.FAILED_PRECONDITION, details: 'größer als 100 %', metadata };
}

function mirrored(call) {
  const metadata = new grpc.Metadata();
  for (const key of ['x-text', 'x-raw-bin']) {
    for (const value of call.metadata.get(key)) metadata.add(key, value);
  }
  return metadata;
}

const service = {
  Unary(call, callback) {
    switch (call.request.text) {
      case 'fail':
        callback(failure());
        break;
      case 'metadata':
        call.sendMetadata(mirrored(call));
        callback(null, call.request, mirrored(call));
        break;
      case 'deadline':
        callback(null, { number: Math.round((call.getDeadline() - Date.now()) / 1000) });
        break;
      case 'wait':
        call.on('cancelled', () => cancelled++);
        call.sendMetadata(new grpc.Metadata());
        break;
      case 'cancelled':
        callback(null, { number: cancelled });
        break;
      default:
        callback(null, call.request);
    }
  },

  ClientStream(call, callback) {
    const sum = { text: '', number: 0 };
    call.on('data', (request) => {
      sum.text += request.text;
      sum.number += request.number;
      if (request.text === 'fail') callback(failure());
    });
    call.on('end', () => callback(null, sum));
  },

  ServerStream(call) {
    for (let i = 0; i < call.request.number; i++) call.write({ text: call.request.text, number: i });
    if (call.request.text === 'fail') call.emit('error', failure());
    else call.end();
  },

  Duplex(call) {
    call.sendMetadata(mirrored(call));
    call.on('data', (request) => call.write(request));
    call.on('end', () => call.end());
  },
};

const server = new grpc.Server();
server.addService(Echo.service, service);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
  process.stdin.on('end', () => process.exit(0)).resume();
});
