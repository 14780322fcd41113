/** The commands of `bd` that the stand-in knows, and their flags: whatever else it is given it refuses, like the original. */
import { parseArgs } from 'node:util';

export type Dialect = '0.49' | '1.x';

type Flag = { readonly type: 'string' | 'boolean'; readonly short?: string };
interface Shape {
  readonly flags: Readonly<Record<string, Flag>>;
  readonly least: number;
  readonly most: number;
}

const text: Flag = { type: 'string' };
const yes: Flag = { type: 'boolean' };
const parent = { parent: text };

const SHAPES: Readonly<Record<string, Shape>> = {
  version: { flags: {}, least: 0, most: 0 },
  init: { flags: { stealth: yes, prefix: text }, least: 0, most: 0 },
  create: {
    flags: {
      ...parent,
      type: text,
      title: text,
      description: { type: 'string', short: 'd' },
      'body-file': text,
      labels: { type: 'string', short: 'l' },
      silent: yes,
    },
    least: 0,
    most: 1,
  },
  list: {
    flags: { ...parent, all: yes, limit: text, label: { type: 'string', short: 'l' }, type: text, status: text },
    least: 0,
    most: 0,
  },
  show: { flags: {}, least: 1, most: Infinity },
  update: { flags: { title: text, 'body-file': text, status: text }, least: 1, most: Infinity },
  close: { flags: { reason: text, force: yes }, least: 1, most: Infinity },
  reopen: { flags: { reason: text }, least: 1, most: Infinity },
  delete: { flags: { force: yes, cascade: yes }, least: 1, most: Infinity },
  comments: { flags: {}, least: 1, most: 1 },
  'comments add': { flags: { file: { type: 'string', short: 'f' }, author: text }, least: 1, most: 2 },
  'dep add': { flags: { type: text }, least: 2, most: 2 },
  'dep remove': { flags: {}, least: 2, most: 2 },
};

/** Flags that one of the dialects has and the other refuses. */
const ONLY: Readonly<Record<Dialect, Readonly<Record<string, Readonly<Record<string, Flag>>>>>> = {
  '0.49': { '*': { 'no-daemon': yes, sandbox: yes } },
  '1.x': { init: { role: text, 'non-interactive': yes }, 'dep add': { 'no-cycle-check': yes } },
};

export class Refusal extends Error {}

export interface Command {
  readonly name: string;
  readonly operands: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** @throws Refusal for a command, a flag or a number of operands that there is not */
export function parseCommand(dialect: Dialect, argv: readonly string[]): Command {
  const [first = '', second = ''] = argv;
  const two = `${first} ${second}`;
  const name = two in SHAPES ? two : first;
  const shape = SHAPES[name];
  if (shape === undefined) throw new Refusal(`unknown command "${first}" for "bd"`);
  const only = { ...ONLY[dialect]['*'], ...ONLY[dialect][name] };
  const options = { ...shape.flags, ...only, json: yes, quiet: { type: 'boolean', short: 'q' } as const };
  try {
    const args = argv.slice(name === two ? 2 : 1);
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    if (positionals.length < shape.least || positionals.length > shape.most) {
      throw new Refusal(`accepts ${shape.least} arg(s), received ${positionals.length}`);
    }
    return { name, operands: positionals, values: values };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
}
