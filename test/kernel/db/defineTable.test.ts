/** Descriptors of tables: what derives from the fields of a row. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { column, defineTable } from '../../../src/kernel/db/defineTable';
import { KernelError } from '../../../src/kernel/errors/errors';
import { openTestKernel } from '../../support/records/kernel';

const flag = z.int().transform((value) => value === 1);
const NOTES = defineTable('signed_writes', {
  id: column('id', z.int()),
  caller: column('caller', z.string()),
  operation: column('operation', z.string()),
  runId: column('run_id', z.string().nullable()),
});
const RESERVATIONS = defineTable(
  'budget_reservations',
  {
    dispatchId: column('dispatch_id', z.string()),
    state: column('state', z.string()),
    tokens: column('tokens', z.int()),
    tokensBasis: column('tokens_basis', z.string()),
    cost: column('cost_micros', z.int()),
    costBasis: column('cost_basis', z.string()),
    isReported: column('is_reported', flag, Number),
    endedAt: column('ended_at', z.int().nullable()),
  },
  'dispatchId',
  ({ tokens, cost, ...row }) => ({ ...row, amounts: [tokens, cost] }),
);
const NEW = { dispatchId: 'd1', state: 'reserved', tokens: 3, tokensBasis: 'guess', cost: 4, costBasis: 'past' };
const STATES = RESERVATIONS.part('dispatchId', 'state');

describe('the descriptor of a table', () => {
  it('lists each column under the name of its field', () => {
    assert.equal(NOTES.columns, 'id, caller, operation, run_id AS "runId"');
    assert.equal(STATES.columns, 'dispatch_id AS "dispatchId", state');
  });

  it('leaves a column without a value to its default', () => {
    const [sql, params] = NOTES.insert({ operation: 'runs.create', caller: 'ic', runId: undefined });
    assert.equal(sql, 'INSERT INTO signed_writes (caller, operation) VALUES (?, ?)');
    assert.deepEqual(params, ['ic', 'runs.create']);
  });

  it('reads the row that it stored', async () => {
    const kernel = await openTestKernel();
    const sql = `SELECT ${RESERVATIONS.columns} FROM budget_reservations`;
    const read = kernel.write(({ db }) => {
      db.run(...RESERVATIONS.insert({ ...NEW, isReported: true }));
      return db.get(sql, [], RESERVATIONS);
    });
    const { tokens, cost, ...unchanged } = NEW;
    assert.deepEqual(read, {
      ...unchanged,
      isReported: true,
      endedAt: null,
      amounts: [tokens, cost],
    });
  });

  it('stores null as NULL, whatever the form of the column', () => {
    const { sql, params } = RESERVATIONS.assignments({ isReported: false, endedAt: null, state: undefined });
    assert.deepEqual(sql, ['is_reported = ?', 'ended_at = ?']);
    assert.deepEqual(params, [0, null]);
  });

  it('names the column of a value that cannot be read, not its field', () => {
    const bad = { ...NEW, isReported: 'yes', endedAt: null };
    const { dispatchId: id } = NEW;
    for (const [row, name] of [
      [bad, 'is_reported'],
      [{ ...bad, isReported: 0, tokensBasis: 'a\0b' }, 'tokens_basis'],
    ] as const) {
      assert.throws(
        () => RESERVATIONS.decode(row),
        (error) =>
          KernelError.is(error, 'ROW_INVALID') &&
          [error.facts.table, error.facts.id, error.facts.column].join() === `budget_reservations,${id},${name}`,
      );
    }
  });

  it('reads a part of the columns', () => {
    assert.deepEqual(STATES.decode({ dispatchId: 'd1', state: 'settled' }), { dispatchId: 'd1', state: 'settled' });
  });
});
