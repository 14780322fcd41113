/** Every operation over command, `ic`, tool and API: the one table of surfaces is compared with the surfaces. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as z from 'zod';
import type { CliCommand } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';
import { OPERATIONS, type OperationName } from '../../../src/contract/surfaces/api';
import { COMMANDS, GESTURES } from '../../../src/contract/surfaces/commands';
import { DECLARATIONS } from '../../../src/contract/surfaces/operations';
import {
  OPERATION_NAMES,
  SURFACES,
  TOOL_OPERATIONS,
  isExcluded,
  toolNameOf,
} from '../../../src/contract/surfaces/surfaces';
import { toolDescriptions } from '../../../src/cli/mcp/tools';

/** Names of arguments, without the one that is the working directory of a shell. */
function argumentsOf(name: OperationName): string[] {
  return Object.keys(OPERATIONS[name].shape).filter((argument) => argument !== 'folder');
}

function requiredOf(name: OperationName): string[] {
  return z
    .object({ required: z.array(z.string()).default([]) })
    .parse(z.toJSONSchema(OPERATIONS[name], { io: 'input' })).required;
}

/** `toPhase`: `to-phase`. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function takes(command: CliCommand, form: string): boolean {
  if (form === '--timeout') return command.timeout !== undefined;
  if (form.startsWith('--')) return (command.flags ?? []).some((flag) => `--${flag.name}` === form);
  return (command.operands ?? '').replace(/…/g, '').includes(form);
}

/** What the rule lets an argument be called on a command line. */
function formsOf(argument: string): string[] {
  const named = dashed(argument).replace(/-id$/, '');
  return [`--${dashed(argument)}`, `--${named}`, `<${named}>`];
}

describe('the surfaces of the operations', () => {
  it('declare each command once', () => {
    const declared = Object.values(DECLARATIONS).flatMap(({ command }) =>
      typeof command === 'object' && 'id' in command ? [command.id] : [],
    );
    assert.deepEqual([...new Set(declared)], declared);
    for (const id of declared) assert.ok(!(id in GESTURES), id);
  });

  it('say what each operation does, in a sentence', () => {
    for (const name of OPERATION_NAMES)
      assert.match(SURFACES[name].about, /^[A-Z].{9,299}\.$|^[A-Z].{9,299}, or null\.$/, name);
  });

  it('give a reason where there is no way', () => {
    for (const name of OPERATION_NAMES) {
      const { command, ic, mcp, icArguments = {} } = SURFACES[name];
      for (const way of [command, ic, mcp ?? '', ...Object.values(icArguments)]) {
        if (isExcluded(way)) assert.ok(way.not.length > 10, name);
      }
    }
  });

  it('name commands that there are', () => {
    const ids = new Set<string>(Object.keys(COMMANDS));
    const unknown = OPERATION_NAMES.flatMap((name) => {
      const { command } = SURFACES[name];
      return isExcluded(command) || ids.has(command) ? [] : [`${name}: ${command}`];
    });
    assert.deepEqual(unknown, []);
  });

  it('name commands that take the arguments of the operation under the same names', () => {
    for (const name of OPERATION_NAMES) {
      const { command: id } = SURFACES[name];
      const spec = Object.entries(COMMANDS).find(([known]) => known === id)?.[1];
      if (spec === undefined) continue;
      const missing = requiredOf(name).filter((argument) => !(argument in spec.args.shape));
      assert.deepEqual(missing, [], name);
    }
  });

  it('name command lines that there are, with every argument by the rule or by the table', async () => {
    const known = await allCommands();
    const problems: string[] = [];
    for (const name of OPERATION_NAMES) {
      const { ic, icArguments = {} } = SURFACES[name];
      if (isExcluded(ic)) continue;
      const command = known.find(({ words }) => words.join(' ') === ic);
      if (command === undefined) problems.push(`${name}: there is no ic ${ic}`);
      else problems.push(...argumentProblems(name, command, icArguments));
    }
    assert.deepEqual(problems, []);
  });

  it('are tools of ic mcp with the arguments of the schemas', () => {
    const described = new Map(toolDescriptions().map((tool) => [tool.name, tool]));
    assert.equal(described.size, TOOL_OPERATIONS.length);
    for (const name of TOOL_OPERATIONS) {
      const tool = described.get(toolNameOf(name));
      assert.deepEqual(
        Object.keys(tool?.inputSchema.properties ?? {}).sort(),
        Object.keys(OPERATIONS[name].shape).sort(),
      );
    }
  });
});

function argumentProblems(
  name: OperationName,
  command: CliCommand,
  exceptions: NonNullable<(typeof SURFACES)[OperationName]['icArguments']>,
): string[] {
  const all = argumentsOf(name);
  const stale = Object.keys(exceptions).filter((argument) => !all.includes(argument));
  return [
    ...stale.map((argument) => `${name} has no argument ${argument}`),
    ...all.flatMap((argument) => {
      const exception = exceptions[argument];
      if (exception !== undefined && isExcluded(exception)) return [];
      const forms = exception === undefined ? formsOf(argument) : [exception];
      if (exception !== undefined && formsOf(argument).includes(exception))
        return [`${name}: ${exception} is the rule`];
      return forms.some((form) => takes(command, form))
        ? []
        : [`${name}: ic ${command.words.join(' ')} takes no ${argument}`];
    }),
  ];
}
