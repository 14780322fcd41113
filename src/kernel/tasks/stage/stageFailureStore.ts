/** SQL of stages that failed and have not succeeded since. */
import * as z from 'zod';
import { column, defineTable, type RowOf } from '../../db/defineTable';
import { decodeEach } from '../../db/rows';
import { projectId, subtaskId, taskId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import { STAGE_NAMES, type StageName } from './stages';

/** Failures of a stage for one subject since its last success. */
const STAGE_FAILURES = defineTable(
  'stage_failures',
  {
    stage: column('stage', z.enum(STAGE_NAMES)),
    /** Id of a task, subtask or project; for the folder, any distinguishing text. */
    subject: column('subject', z.string()),
    projectId: column('project_id', projectId.nullable()),
    taskId: column('task_id', taskId.nullable()),
    subtaskId: column('subtask_id', subtaskId.nullable()),
    reason: column('reason', z.string()),
    /** The code of the error, if it is one of ours. */
    code: column('code', z.string().nullable()),
    tries: column('tries', z.int()),
    since: column('since', z.int()),
    lastAt: column('last_at', z.int()),
    /** When to try again; null until a person retries. */
    nextAt: column('next_at', z.int().nullable()),
    /** The dispatch whose session the next try continues; null if there is none. */
    dispatchId: column('dispatch_id', z.string().nullable()),
  },
  'subject',
);
export type StageFailure = RowOf<typeof STAGE_FAILURES>;
const { columns } = STAGE_FAILURES;

/** Oldest first; without unreadable rows, which other versions may have written. */
export function selectStageFailures(r: Reader): StageFailure[] {
  return decodeEach(
    r.db.leftOut,
    r.db.rows(`SELECT ${columns} FROM stage_failures ORDER BY since, rowid`, []),
    STAGE_FAILURES,
  ).sound;
}

/** Those of a task's planning, and of the named subtasks; oldest first. */
export function selectStageFailuresAmong(r: Reader, taskId: string, subtaskIds: readonly string[]): StageFailure[] {
  const sql = `SELECT ${columns} FROM stage_failures
     WHERE task_id = ? AND (subtask_id IS NULL OR subtask_id IN (SELECT value FROM json_each(?))) ORDER BY since, rowid`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [taskId, JSON.stringify(subtaskIds)]), STAGE_FAILURES).sound;
}

export function selectStageFailure(r: Reader, stage: StageName, subject: string): StageFailure | undefined {
  const sql = `SELECT ${columns} FROM stage_failures WHERE stage = ? AND subject = ?`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [stage, subject]), STAGE_FAILURES).sound[0];
}

export function upsertStageFailure(u: Unit, failure: StageFailure): void {
  u.touched.subtask(failure.subject);
  u.db.run(...STAGE_FAILURES.replace(failure));
}

export function deleteStageFailure(u: Unit, stage: StageName, subject: string): void {
  u.touched.subtask(subject);
  u.db.run('DELETE FROM stage_failures WHERE stage = ? AND subject = ?', [stage, subject]);
}

/** Of one task or subtask, in any stage. */
export function deleteStageFailuresOf(u: Unit, subject: string): void {
  u.touched.subtask(subject);
  u.db.run('DELETE FROM stage_failures WHERE subject = ?', [subject]);
}

/** Makes failures due now; returns their number. */
export function makeStageFailuresDue(u: Unit, subject: string, stage: StageName | null): number {
  u.touched.subtask(subject);
  return u.db.run('UPDATE stage_failures SET next_at = 0 WHERE subject = ?1 AND (?2 IS NULL OR stage = ?2)', [
    subject,
    stage,
  ]);
}
