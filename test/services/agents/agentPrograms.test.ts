/** Each agent kind is one folder: its command line, and what is known of its program. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { OUTPUT_PARSERS } from '../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../src/services/agents/builtInKinds';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { inProject } from '../../../tools/project';

const FOLDER = 'src/services/agents';
/** What the folders share. */
const SHARED = 'output';

describe('an agent kind', () => {
  it('has a folder with its kind and its program', () => {
    const needed = OUTPUT_PARSERS.flatMap((parser) => ['kind.ts', 'program.ts'].map((file) => `${parser}/${file}`));
    const missing = needed.map((file) => `${FOLDER}/${file}`).filter((file) => !existsSync(inProject(file)));
    assert.deepEqual(missing, []);
  });

  it('has a folder that is named after its parser', () => {
    const entries = readdirSync(inProject(FOLDER), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const known = new Set<string>([...OUTPUT_PARSERS, SHARED]);
    const unknown = entries.map(({ name }) => name).filter((name) => !known.has(name));
    assert.deepEqual(unknown, [], 'add it to OUTPUT_PARSERS in src/contract/agentKinds.ts');
  });

  it('is built in with the parser of its folder', () => {
    assert.deepEqual(
      BUILT_IN_AGENT_KINDS.map(({ parser }) => parser),
      OUTPUT_PARSERS,
    );
  });

  it('is rendered and counted by its own program only', () => {
    const programs = Object.values(AGENT_PROGRAMS);
    const readers = programs.map((program) => program.reader().constructor);
    assert.equal(new Set(readers).size, programs.length);
    const renderers = programs.map(({ renderer }) => renderer);
    assert.equal(new Set(renderers).size, programs.length);
  });
});
