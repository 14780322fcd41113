import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { inspectImage } from '../../../src/host/image/inspection';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { KernelError } from '../../../src/kernel/errors/errors';
import { openTestKernel, testEngine } from '../../support/records/kernel';
import { brokenDatabase, databaseOf, OLD_VERSIONS, oldDatabase } from '../../support/records/oldDatabases';
import { isCode } from '../../support/projects';

const FILE = '/p/.clavain/intercore.db';

async function complete(sql = ''): Promise<Uint8Array> {
  const kernel = await openTestKernel();
  kernel.exec(`CREATE TABLE padding (x); DROP TABLE padding; ${sql}`);
  return kernel.kernel.export().slice();
}

/** A schema with a text that SQLite itself would not store. */
async function rewritten(sql: string, name: string): Promise<Uint8Array> {
  const image = new SqliteImage(await testEngine, await complete());
  image.exec('PRAGMA writable_schema = ON');
  image.run('UPDATE sqlite_schema SET sql = ? WHERE name = ?', [sql, name]);
  const bytes = image.export().slice();
  image.close();
  return bytes;
}

const refused = (bytes: Uint8Array): void => {
  assert.throws(
    () => {
      inspectImage(FILE, bytes);
    },
    (error) => KernelError.is(error, 'DATABASE_REFUSED') && error.facts.path === FILE,
  );
};

describe('inspection of a schema', () => {
  it('passes a database of ours', async () => {
    inspectImage(FILE, await complete());
  });

  for (const version of OLD_VERSIONS) {
    it(`passes a database of version ${version}, before and after its migration`, async () => {
      const old = await oldDatabase(version);
      inspectImage(FILE, old);
      inspectImage(FILE, (await openTestKernel(old)).kernel.export());
    });
  }

  for (const version of [2, 3, 4] as const) {
    it(`passes an incomplete migration of version ${version} by the original`, async () => {
      inspectImage(FILE, await brokenDatabase(version));
    });
  }

  const HONEST: Readonly<Record<string, string>> = {
    'a table of another program':
      'CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(20) NOT NULL, UNIQUE (text))',
    'a table without row ids': 'CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID',
    'defaults and checks that cost nothing': `CREATE TABLE marks (n INT DEFAULT -1 CHECK (n BETWEEN -1 AND 9),
      at INTEGER DEFAULT (unixepoch()), run TEXT REFERENCES runs (id) ON DELETE CASCADE)`,
    'indexes of another table': 'CREATE TABLE t (a, b); CREATE INDEX t_a ON t (a, b DESC)',
    'a column added to a table of ours': 'ALTER TABLE runs ADD COLUMN color TEXT',
    statistics: 'ANALYZE',
    'a table of ours in another layout': `DROP TABLE sentinels;
      CREATE TABLE "sentinels" ( -- made by the original
        [name] text not null, scope_id TEXT NOT NULL,
        last_fired INTEGER NOT NULL DEFAULT (unixepoch()), /* seconds */ PRIMARY KEY(name,scope_id))`,
    'a schema over many pages': Array.from(
      { length: 300 },
      (_, n) => `CREATE TABLE wide${n} (${Array.from({ length: 40 }, (_, c) => `column_${c} TEXT`).join(', ')});`,
    ).join('\n'),
    'a statement longer than a page': `CREATE TABLE wide (${Array.from({ length: 900 }, (_, c) => `c${c} TEXT`).join(', ')})`,
  };
  for (const [what, sql] of Object.entries(HONEST)) {
    it(`passes ${what}`, async () => {
      inspectImage(FILE, await complete(sql));
    });
  }

  it('passes newer versions, which are read only, with checks of their own', async () => {
    inspectImage(
      FILE,
      await complete("PRAGMA user_version = 11; ALTER TABLE runs ADD COLUMN mood TEXT CHECK (mood <> '')"),
    );
    const fixture = `ALTER TABLE tasks ADD COLUMN mood TEXT CHECK (mood IN ('good', 'bad'))`;
    refused(await complete(fixture.replace("IN ('good', 'bad')", "LIKE '%'")));
    inspectImage(
      FILE,
      await complete(`UPDATE extension_schema SET version = 9 WHERE component = 'village'; ${fixture}`),
    );
  });

  const HOSTILE: Readonly<Record<string, string>> = {
    'a trigger over an endless view': `CREATE VIEW endless AS
        WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c;
      CREATE TRIGGER hang BEFORE INSERT ON extension_schema BEGIN SELECT count(*) FROM endless; END`,
    'a view': 'CREATE VIEW v AS SELECT 1',
    'a view in the place of a table of ours': 'DROP TABLE sentinels; CREATE VIEW sentinels AS SELECT 1 AS name',
    'a trigger': 'CREATE TRIGGER t AFTER UPDATE ON runs BEGIN DELETE FROM runs; END',
    'a generated column in a table of ours':
      'ALTER TABLE runs ADD COLUMN bomb BLOB GENERATED ALWAYS AS (zeroblob(1000000000)) VIRTUAL',
    'a generated column in another table': 'CREATE TABLE t (a, b AS (a || a) STORED)',
    'an index of an expression': 'CREATE INDEX e ON runs (hex(zeroblob(length(goal))))',
    'a partial index of an expression': "CREATE INDEX e ON runs (id) WHERE goal LIKE '%a%b%c%'",
    'an index that we do not make': 'CREATE INDEX mine ON runs (goal)',
    'an index under the name of one of ours':
      'DROP INDEX idx_runs_status; CREATE UNIQUE INDEX idx_runs_status ON runs(status)',
    'a check in a column of ours': 'ALTER TABLE runs ADD COLUMN x TEXT CHECK (randomblob(1000000000) IS NOT NULL)',
    'a check in another table': "CREATE TABLE t (a CHECK (printf('%1000000000d', a) <> ''))",
    'a check with a pattern': "CREATE TABLE t (a TEXT, CHECK (a NOT LIKE '%a%a%a%a%a%'))",
    'a default of an expression': 'CREATE TABLE t (a DEFAULT (zeroblob(1000000000)))',
    'a default that a table of ours has not': `DROP TABLE sentinels; CREATE TABLE sentinels (name TEXT NOT NULL,
      scope_id TEXT NOT NULL DEFAULT 'x', last_fired INTEGER NOT NULL DEFAULT (unixepoch()), PRIMARY KEY (name, scope_id))`,
    'another default in a table of ours': `DROP TABLE sentinels; CREATE TABLE sentinels (name TEXT NOT NULL,
      scope_id TEXT NOT NULL, last_fired INTEGER NOT NULL DEFAULT (random()), PRIMARY KEY (name, scope_id))`,
    'a constraint that a table of ours has not': `DROP TABLE sentinels; CREATE TABLE sentinels (name TEXT NOT NULL,
      scope_id TEXT NOT NULL, last_fired INTEGER NOT NULL, PRIMARY KEY (name, scope_id), CHECK (last_fired > 0))`,
    'a table under the name of a function': 'CREATE TABLE pragma_schema_version (schema_version)',
    'too many objects': Array.from({ length: 2100 }, (_, n) => `CREATE TABLE t${n} (x);`).join('\n'),
  };
  for (const [what, sql] of Object.entries(HOSTILE)) {
    it(`refuses ${what}`, async () => {
      refused(await complete(sql));
    });
  }

  it('refuses a virtual table, also one whose module is not there', async () => {
    refused(await rewritten('CREATE VIRTUAL TABLE sentinels USING evil(x)', 'sentinels'));
    refused(await rewritten('create/**/virtual table sentinels using fts5(x)', 'sentinels'));
  });

  it('refuses a statement under another type or name than its own', async () => {
    refused(await rewritten('CREATE TRIGGER sentinels AFTER INSERT ON runs BEGIN SELECT 1; END', 'sentinels'));
    refused(await rewritten('CREATE TABLE other (x)', 'sentinels'));
    refused(await rewritten('CREATE TABLE sentinels (x); SELECT 1', 'sentinels'));
    refused(await rewritten('CREATE TABLE sentinels AS SELECT 1', 'sentinels'));
    refused(await rewritten('CREATE TABLE sentinels (x) /* without an end', 'sentinels'));
  });

  it('refuses text that is not UTF-8', async () => {
    refused(await databaseOf("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (x)"));
  });

  it('reports a schema whose pages go in a circle as damaged', async () => {
    const bytes = await complete(HONEST['a schema over many pages']);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    assert.equal(bytes[100], 5, 'the first page has others below it');
    view.setUint32(view.getUint16(112), view.getUint32(108));
    assert.throws(() => {
      inspectImage(FILE, bytes);
    }, isCode('DATABASE_DAMAGED'));
  });

  it('reports a header that counts more pages than there are as damaged', async () => {
    const bytes = await complete();
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(28, 0x7fffffff);
    assert.throws(() => {
      inspectImage(FILE, bytes);
    }, isCode('DATABASE_DAMAGED'));
  });

  it('ends soon, and with one of its two errors, whatever is wrong with the bytes', async () => {
    const sound = await complete(HONEST['a statement longer than a page']);
    const flips = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 });
    const first = fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(flips, first, fc.nat(sound.length), (anywhere, inFirst, cut) => {
        const bytes = sound.slice(0, cut < sound.length / 2 ? sound.length : cut);
        for (const [at, value] of [...anywhere, ...inFirst]) if (at < bytes.length) bytes[at] = value;
        try {
          inspectImage(FILE, bytes);
        } catch (error) {
          if (!KernelError.is(error, 'DATABASE_DAMAGED') && !KernelError.is(error, 'DATABASE_REFUSED')) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
