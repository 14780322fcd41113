/**
 * One task with all that belongs to it. Subtasks are read on request, many at once, and a change of one
 * reads that one again, however many there are.
 */
import type { InvalidRow } from '../../../kernel/db/rows';
import type { Reader, Sync } from '../../../kernel/unit';
import { tokensOfTask, workedFor } from '../../../kernel/tasks/subtask/agentRuns';
import type { AgentRun, Subtask } from '../../../kernel/tasks/record/model';
import type { StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { countSubtasks, subtaskIds, type SubtaskCounts } from '../../../kernel/tasks/subtask/subtasks';
import { readParts, readPlanning, type PlanningPart, type SubtaskPart, type TaskIssue } from './subtaskParts';

export class TaskContents {
  private readonly parts = new Map<string, SubtaskPart>();
  /** Rows that cannot be read, by what is wrong with them. */
  private readonly broken = new Map<string, InvalidRow>();
  private readonly touched = new Set<string>();
  private order: readonly string[] | undefined;
  private counted: SubtaskCounts | undefined;
  private planned: PlanningPart | undefined;
  private used: number | undefined;

  constructor(
    private readonly taskId: string,
    private readonly read: <T>(work: (reader: Reader) => Sync<T>) => T,
  ) {}

  /** Ids of the subtasks in their order, also of those that cannot be read. */
  get ids(): readonly string[] {
    this.catchUp();
    return (this.order ??= this.read((r) => subtaskIds(r, this.taskId)));
  }

  get counts(): SubtaskCounts {
    this.catchUp();
    return (this.counted ??= this.read((r) => countSubtasks(r, this.taskId)));
  }

  /** Tokens that all attempts of planner and workers have used. */
  get tokens(): number {
    this.catchUp();
    return (this.used ??= this.read((r) => tokensOfTask(r, this.taskId)));
  }

  /** Stored rows beside the subtasks read so far that cannot be read. */
  get invalid(): readonly InvalidRow[] {
    return [...this.broken.values()];
  }

  /** Reads subtasks that are about to be shown, all at once instead of one by one. */
  readAhead(ids: readonly string[]): void {
    this.catchUp();
    const unread = ids.filter((id) => !this.parts.has(id));
    if (unread.length > 0) this.readNow(unread);
  }

  /** The same object until something of the subtask changes. */
  part(id: string): SubtaskPart {
    this.catchUp();
    const known = this.parts.get(id);
    if (known !== undefined) return known;
    this.readNow([id]);
    return this.parts.get(id) ?? NOTHING;
  }

  subtask(id: string): Subtask | undefined {
    return this.part(id).subtask;
  }

  /** Those it waits for, or waited for. */
  dependsOn(id: string): readonly Subtask[] {
    return this.subtasks(this.part(id).dependsOn);
  }

  dependents(id: string): readonly Subtask[] {
    return this.subtasks(this.part(id).dependents);
  }

  /** In the order of the ids; without those that cannot be read. */
  subtasks(ids: readonly string[]): readonly Subtask[] {
    this.readAhead(ids);
    return ids.flatMap((id) => this.parts.get(id)?.subtask ?? []);
  }

  /** Undefined where the task is tracked in the record only. */
  issue(subtaskId: string): TaskIssue | undefined {
    return this.part(subtaskId).issue;
  }

  /** What failed last of a subtask, or of the task (null), and has not succeeded since. */
  failure(subtaskId: string | null): StageFailure | undefined {
    return subtaskId === null ? this.planning.failure : this.part(subtaskId).failure;
  }

  /** Of a subtask's worker, or of the planner (null); newest first. */
  attempts(subtaskId: string | null): readonly AgentRun[] {
    return subtaskId === null ? this.planning.attempts : this.part(subtaskId).attempts;
  }

  /** Notes that subtasks or the task changed; they are read on demand. */
  touch(subtasks: Iterable<string>): void {
    this.planned = undefined;
    for (const id of subtasks) this.touched.add(id);
  }

  /** Notes that dispatches changed: some may be of this task. */
  touchDispatches(ids: readonly string[]): void {
    if (this.used !== undefined && this.read((r) => workedFor(r, this.taskId, ids))) this.used = undefined;
  }

  private get planning(): PlanningPart {
    return (this.planned ??= this.read((r) => readPlanning(r, this.taskId)));
  }

  /** Reads again what changed and is known. Order and counts stay where they can be known without the other subtasks. */
  private catchUp(): void {
    if (this.touched.size === 0) return;
    const ids = [...this.touched];
    this.touched.clear();
    const before = ids.flatMap((id) => {
      const part = this.parts.get(id);
      return part === undefined ? [] : [[id, part] as const];
    });
    // How one was that was never read is not known.
    if (before.length < ids.length) this.order = this.counted = this.used = undefined;
    if (before.length > 0) this.readNow(before.map(([id]) => id));
    for (const [id, part] of before) this.compare(part, this.parts.get(id) ?? NOTHING);
  }

  private compare(before: SubtaskPart, now: SubtaskPart): void {
    const [was, is] = [before.subtask, now.subtask];
    if (was?.position !== is?.position || before.invalid !== now.invalid) this.order = undefined;
    if (was === undefined || is === undefined) this.counted = undefined;
    else if (this.counted !== undefined) {
      const merged = Number(is.status === 'MERGED') - Number(was.status === 'MERGED');
      this.counted = { ...this.counted, merged: this.counted.merged + merged };
    }
    if (dispatchesOf(before) !== dispatchesOf(now)) this.used = undefined;
  }

  private readNow(ids: readonly string[]): void {
    const { parts, invalid } = this.read((r) => readParts(r, this.taskId, ids));
    for (const [id, part] of parts) this.parts.set(id, part);
    for (const row of invalid) this.broken.set(`${row.id} ${row.column}`, row);
  }
}

/** One that is not there. */
const NOTHING: SubtaskPart = {
  subtask: undefined,
  invalid: undefined,
  dependsOn: [],
  dependents: [],
  attempts: [],
  issue: undefined,
  failure: undefined,
};

function dispatchesOf(part: SubtaskPart): string {
  return part.attempts.map(({ dispatchId }) => dispatchId ?? '').join(' ');
}
