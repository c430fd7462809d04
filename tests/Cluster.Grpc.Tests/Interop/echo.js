'use strict';

// The service of echo.proto, by the independent implementation.
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const definition = loader.loadSync(path.join(__dirname, '..', 'Protos', 'echo.proto'), { keepCase: true, defaults: true });

module.exports = { grpc, Echo: grpc.loadPackageDefinition(definition).cluster.tests.Echo };
