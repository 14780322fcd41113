/** Every codec of a row, given what any program may have stored. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as fc from 'fast-check';
import * as z from 'zod';
import type * as Rows from '../../../src/kernel/db/rows';
import { BrokenText, type StoredValue } from '../../../src/kernel/db/exactRows';
import type { RowCodec, SqlRow } from '../../../src/kernel/db/sqlTypes';
import { refNameOf, shaOf } from '../../../src/kernel/text/gitNames';

interface Captured {
  readonly table: string;
  readonly codec: RowCodec<unknown>;
  readonly columns: Readonly<Record<string, z.ZodType>>;
}

const KERNEL = path.join(__dirname, '../../../src/kernel');
const ROWS = require.resolve('../../../src/kernel/db/rows');
/** Makes a codec, itself or through the descriptor of a table. */
const MAKES_CODEC = /(?<!function )\b(rowCodec|defineTable)(?:<.*>)?\(|\b[A-Z_]+\.part\(/g;

/** Loads all of the kernel again, with each codec noted as it is made. */
function captureCodecs(): Captured[] {
  const captured: Captured[] = [];
  const load = createRequire(__filename);
  const modules = readdirSync(KERNEL, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const cache = load.cache;
  const before = modules.map((file) => [file, cache[file]] as const);
  for (const file of modules) Reflect.deleteProperty(cache, file);
  try {
    const original = load(ROWS) as typeof Rows;
    const rowCodec: typeof Rows.rowCodec = (table, schema, ...naming) => {
      const codec = original.rowCodec(table, schema, ...naming);
      captured.push({ table, codec, columns: columnsOf(schema) });
      return codec;
    };
    const cached = cache[ROWS];
    assert.ok(cached);
    cached.exports = { ...original, rowCodec };
    for (const file of modules) load(file);
  } finally {
    for (const [file, module] of before) {
      Reflect.deleteProperty(cache, file);
      if (module !== undefined) cache[file] = module;
    }
  }
  return captured;
}

/** The columns that a schema of a row reads, in front of what it makes of them. */
function columnsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodPipe) return columnsOf(schema.in as z.ZodType);
  return {};
}

/** Values that some column of some table takes. */
const PLAUSIBLE: readonly StoredValue[] = [
  ...[null, 0, 1, 2, 3, 100, 0.5, -1, 1_767_225_600, '', 'main', 'feature/x', 'run00001', 'disp0001', 'discovery001'],
  ...[
    'a'.repeat(40),
    '0'.repeat(64),
    '/p',
    'a text',
    '[]',
    '{}',
    '["a","b"]',
    '{"a":1}',
    'null',
    'acme',
    'https://x.test/1',
  ],
  ...['task00001', 'hard', 'soft', 'none', 'pass', 'warn', 'phase', 'dispatch', 'interspect', 'discovery'],
  new TextEncoder().encode('[["a","b",1,2]]'),
  new Uint8Array(0),
  new Uint8Array(8),
];

const HOSTILE = fc.oneof(
  fc.constantFrom<StoredValue>(
    ...['--output=../x', '-', '--', '../../etc/passwd', '/etc/passwd', '\0', 'main\0--force', 'a\u0000', '$(touch x)'],
    ...[
      '\u001b]0;title\u0007',
      '\r\n',
      '\ud800',
      '\udfff\ud800',
      '\u202e',
      '\ufeff',
      'a..b',
      'x.lock',
      '@{-1}',
      'HEAD',
    ],
    ...['__proto__', 'constructor', '{"__proto__":{"x":1}}', '['.repeat(20_000), `${'{"a":'.repeat(5_000)}1`, '1e999'],
    ...[' '.repeat(100_000), 'a'.repeat(1_000_000), '-'.repeat(100_000), 'a/'.repeat(50_000), `${'a'.repeat(50_000)}!`],
    ...[
      Number.MAX_SAFE_INTEGER,
      2n ** 53n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      2 ** 53,
      2 ** 63,
      -(2 ** 63),
      -1,
      0,
      1,
      -0,
      0.1,
      Infinity,
      -Infinity,
      NaN,
      1e308,
    ],
    null,
    new BrokenText([0xff]),
    new Uint8Array([0xff, 0xfe, 0]),
    new Uint8Array(100_000),
  ),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.json(),
  fc.double(),
  fc.integer(),
  fc.uint8Array({ maxLength: 50 }),
);

/** Properties of decoded rows that are given to git. */
const SHAS = ['baseSha', 'provenSha', 'mergeSha'];
const REF_NAMES = ['branchName', 'defaultBranch'];

/** A page of a list in one cell: the rows themselves are read again, and decide whether they are sound. */
const WHOLE_PAGES = ['page'];

function checkDecoded(value: unknown, name: string): void {
  if (typeof value === 'string') {
    assert.ok(!value.includes('\0'), `${name} contains NUL`);
    if (SHAS.includes(name)) assert.equal(shaOf(value), value);
    if (REF_NAMES.includes(name)) assert.equal(refNameOf(value), value);
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  assert.ok(prototype === Object.prototype || prototype === Array.prototype, `${name} is no plain value`);
  for (const [key, inner] of Object.entries(value)) checkDecoded(inner, Array.isArray(value) ? name : key);
}

describe('the codecs of rows', () => {
  const captured = captureCodecs();

  it('are all made as their modules are loaded, so that none is left out here', () => {
    const sources = readdirSync(path.join(KERNEL, '../../../src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'defineTable.ts')
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
    assert.equal(captured.length, sources.flatMap((text) => text.match(MAKES_CODEC) ?? []).length);
    assert.ok(captured.length > 40);
  });

  it('read columns that are known here', () => {
    assert.deepEqual(
      captured.filter(({ columns }) => Object.keys(columns).length === 0),
      [],
    );
  });

  for (const { table, codec, columns } of captured) {
    const names = Object.keys(columns);
    it(`for ${table} (${names.slice(0, 4).join(', ')}) give a sound value or ROW_INVALID, and soon`, () => {
      const sound = fc.record(
        Object.fromEntries(names.map((name) => [name, fc.constantFrom(...accepted(columns[name] ?? z.never()))])),
      );
      const changes = fc.array(fc.tuple(fc.constantFrom(...names), HOSTILE), { maxLength: 2 });
      fc.assert(
        fc.property(sound, changes, (base, changed) => {
          decodeSafely(codec, { ...base, ...Object.fromEntries(changed) }, table);
        }),
        { numRuns: 150, plugins: [fc.interruptAfterTimeLimit(5_000, { failOnInterrupt: true })] },
      );
      for (const name of names) decodeSafely(codec, { [name]: 'a\0b' }, table);
    });
  }

  it('name a row in few words', () => {
    const codec = captured.find(({ table }) => table === 'runs')?.codec;
    assert.ok(codec);
    assert.throws(
      () => codec.decode({ id: `\u001b[2J${'x'.repeat(1_000_000)}` }),
      (error) => error instanceof Error && error.message.length < 300 && !error.message.includes('\u001b'),
    );
  });
});

function accepted(column: z.ZodType): readonly StoredValue[] {
  const options = column instanceof z.ZodEnum ? (column.options as readonly StoredValue[]) : [];
  const found = [...options, ...PLAUSIBLE].filter((value) => column.safeParse(value).success);
  return found.length === 0 ? [null] : found;
}

function decodeSafely(codec: RowCodec<unknown>, row: SqlRow, table: string): void {
  let value: unknown;
  try {
    value = codec.decode(row);
  } catch (error) {
    // Another copy of the module than ours made it.
    assert.ok(error instanceof Error && 'code' in error && error.code === 'ROW_INVALID', String(error));
    return;
  }
  if (!WHOLE_PAGES.includes(table)) checkDecoded(value, table);
}
