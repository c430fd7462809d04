// A Dockerfile on standard input: prints its instructions and what a linter says against it.
const { validate } = require('dockerfile-utils');
const { DockerfileParser } = require('dockerfile-ast');

const text = require('fs').readFileSync(0, 'utf8');
const instructions = DockerfileParser.parse(text).getInstructions();
console.log(JSON.stringify({
  problems: validate(text).map(problem => `line ${problem.range.start.line + 1}: ${problem.message}`),
  instructions: instructions.map(instruction => ({ name: instruction.getKeyword(), arguments: instruction.getRawArgumentsContent() ?? '' })),
}));
