/** SQL of stages that failed and have not succeeded since. */
import * as z from 'zod';
import { decodeEach, rowCodec } from '../../db/rows';
import { projectId, subtaskId, taskId, type ProjectId, type SubtaskId, type TaskId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import { STAGE_NAMES, type StageName } from './stages';

/** Failures of a stage for one subject since its last success. */
export interface StageFailure {
  readonly stage: StageName;
  /** Id of a task, subtask or project; for the folder, any distinguishing text. */
  readonly subject: string;
  readonly projectId: ProjectId | null;
  readonly taskId: TaskId | null;
  readonly subtaskId: SubtaskId | null;
  readonly reason: string;
  /** The code of the error, if it is one of ours. */
  readonly code: string | null;
  readonly tries: number;
  readonly since: number;
  readonly lastAt: number;
  /** When to try again; null until a person retries. */
  readonly nextAt: number | null;
  /** The dispatch whose session the next try continues; null if there is none. */
  readonly dispatchId: string | null;
}

const COLUMNS =
  'stage, subject, project_id, task_id, subtask_id, reason, code, tries, since, last_at, next_at, dispatch_id';

const codec = rowCodec<StageFailure>(
  'stage_failures',
  z
    .object({
      stage: z.enum(STAGE_NAMES),
      subject: z.string(),
      project_id: projectId.nullable(),
      task_id: taskId.nullable(),
      subtask_id: subtaskId.nullable(),
      reason: z.string(),
      code: z.string().nullable(),
      tries: z.int(),
      since: z.int(),
      last_at: z.int(),
      next_at: z.int().nullable(),
      dispatch_id: z.string().nullable(),
    })
    .transform((row) => ({
      stage: row.stage,
      subject: row.subject,
      projectId: row.project_id,
      taskId: row.task_id,
      subtaskId: row.subtask_id,
      reason: row.reason,
      code: row.code,
      tries: row.tries,
      since: row.since,
      lastAt: row.last_at,
      nextAt: row.next_at,
      dispatchId: row.dispatch_id,
    })),
  'subject',
);

/** Oldest first; without unreadable rows, which other versions may have written. */
export function selectStageFailures(r: Reader): StageFailure[] {
  return decodeEach(r.db.leftOut, r.db.rows(`SELECT ${COLUMNS} FROM stage_failures ORDER BY since, rowid`, []), codec)
    .sound;
}

/** Those of a task's planning, and of the named subtasks; oldest first. */
export function selectStageFailuresAmong(r: Reader, taskId: string, subtaskIds: readonly string[]): StageFailure[] {
  const sql = `SELECT ${COLUMNS} FROM stage_failures
     WHERE task_id = ? AND (subtask_id IS NULL OR subtask_id IN (SELECT value FROM json_each(?))) ORDER BY since, rowid`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [taskId, JSON.stringify(subtaskIds)]), codec).sound;
}

export function selectStageFailure(r: Reader, stage: StageName, subject: string): StageFailure | undefined {
  const sql = `SELECT ${COLUMNS} FROM stage_failures WHERE stage = ? AND subject = ?`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [stage, subject]), codec).sound[0];
}

export function upsertStageFailure(u: Unit, failure: StageFailure): void {
  u.touched.subtask(failure.subject);
  u.db.run(`INSERT OR REPLACE INTO stage_failures (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    ...[failure.stage, failure.subject, failure.projectId, failure.taskId, failure.subtaskId, failure.reason],
    ...[failure.code, failure.tries, failure.since, failure.lastAt, failure.nextAt, failure.dispatchId],
  ]);
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
