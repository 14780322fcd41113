/** The plan of an agent: one entry while its steps are the same, another one for other steps. */
import type { PlanStep } from '../../../../contract/transcript';
import { titleText, type EntryList } from './entryList';

const MOST_STEPS = 200;

export class PlanEntries {
  private index: number | undefined;
  private steps: readonly PlanStep[] = [];

  constructor(private readonly entries: EntryList) {}

  take(given: readonly PlanStep[]): void {
    const steps = given.slice(0, MOST_STEPS).map(({ text, status }) => ({ text: titleText(text), status }));
    const isSame =
      steps.length === this.steps.length && steps.every(({ text }, index) => text === this.steps[index]?.text);
    this.steps = steps;
    if (steps.length === 0) this.index = undefined;
    else if (isSame && this.index !== undefined) this.entries.set(this.index, { kind: 'plan', steps });
    else this.index = this.entries.add({ kind: 'plan', steps });
  }
}

export function stepStatus(status: string | undefined): PlanStep['status'] {
  if (status === 'completed') return 'completed';
  return status === 'in_progress' ? 'inProgress' : 'pending';
}
