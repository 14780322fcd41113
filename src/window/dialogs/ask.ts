/** Asking a person: one quick pick, input box or question at a time, with Back inside a wizard. Esc changes nothing. */
import * as vscode from 'vscode';
import { Dismissed } from './dismissed';

export { Dismissed };

/** The person pressed Back. Only a wizard's later steps offer it. */
export class SteppedBack extends Error {
  override readonly name = 'SteppedBack';
}

/** Where in a wizard a question stands. */
export interface StepPosition {
  readonly step: number;
  readonly totalSteps: number;
  readonly back: boolean;
}
export const ALONE: StepPosition = { step: 0, totalSteps: 0, back: false };

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** A line between groups of choices. */
export function separator(label: string): vscode.QuickPickItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

export interface Question {
  readonly title: string;
  readonly placeholder: string;
}

/** One of the items, which may have separators between them. The one with the question's `value` is active at first. */
export async function choose<T>(
  question: Question & { readonly value?: T },
  items: readonly (Choice<T> | vscode.QuickPickItem)[],
  place = ALONE,
): Promise<T> {
  const pick = vscode.window.createQuickPick<Choice<T> | vscode.QuickPickItem>();
  pick.title = question.title;
  pick.placeholder = question.placeholder;
  pick.items = items;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const before = items.find((item) => 'value' in item && item.value === question.value);
  if ('value' in question && before !== undefined) pick.activeItems = [before];
  return await answerOf(pick, place, () => {
    const [item] = pick.selectedItems;
    return item !== undefined && 'value' in item ? { value: item.value } : undefined;
  });
}

/**
 * Any number of the items; those with one of the question's `values` are chosen at first. `problem` tells, while
 * choosing, why the chosen ones will not do.
 */
export async function chooseSome<T>(
  question: Question & {
    readonly values: readonly T[];
    readonly problem: (values: readonly T[]) => string | undefined;
  },
  items: readonly Choice<T>[],
  place = ALONE,
): Promise<T[]> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  pick.canSelectMany = true;
  pick.placeholder = question.placeholder;
  pick.items = items;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.selectedItems = items.filter(({ value }) => question.values.includes(value));
  const chosen = (): T[] => pick.selectedItems.map(({ value }) => value);
  const validate = (): boolean => {
    const problem = question.problem(chosen());
    pick.title = problem === undefined ? question.title : `${question.title}: ${problem}`;
    return problem === undefined;
  };
  validate();
  const watching = pick.onDidChangeSelection(validate);
  try {
    return await answerOf(pick, place, () => (validate() ? { value: chosen() } : undefined));
  } finally {
    watching.dispose();
  }
}

/** A line of text. `problem` tells, while typing, why the text will not do. */
export async function enter(
  question: Question & { readonly value?: string; readonly problem: (text: string) => string | undefined },
  place = ALONE,
): Promise<string> {
  const box = vscode.window.createInputBox();
  box.title = question.title;
  box.prompt = question.placeholder;
  box.value = question.value ?? '';
  const validate = () => {
    box.validationMessage = question.problem(box.value) ?? '';
    return box.validationMessage === '';
  };
  const watching = box.onDidChangeValue(validate);
  try {
    return await answerOf(box, place, () => (validate() ? { value: box.value } : undefined));
  } finally {
    watching.dispose();
  }
}

/** Shows the input and waits for an answer that `accepted` can take; hiding it is dismissing it. */
export async function answerOf<T>(
  input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  place: StepPosition,
  accepted: () => { readonly value: T } | undefined,
): Promise<T> {
  input.ignoreFocusOut = place.totalSteps > 0;
  if (place.totalSteps > 1) {
    input.step = place.step;
    input.totalSteps = place.totalSteps;
  }
  if (place.back) input.buttons = [vscode.QuickInputButtons.Back];
  const subscriptions: vscode.Disposable[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      subscriptions.push(
        input.onDidAccept(() => {
          const answer = accepted();
          if (answer !== undefined) resolve(answer.value);
        }),
        input.onDidTriggerButton(() => {
          reject(new SteppedBack());
        }),
        input.onDidHide(() => {
          reject(new Dismissed());
        }),
      );
      input.show();
    });
  } finally {
    vscode.Disposable.from(...subscriptions).dispose();
    input.dispose();
  }
}

/** A step of a wizard; one that has nothing to ask is left out, which earlier answers may decide. */
export interface Step {
  applies(): boolean;
  ask(place: StepPosition): Promise<void>;
}

/** Asks the steps in order; Back returns to the previous one, and from the first to the form that asks them. */
export async function askInSteps(steps: readonly Step[], before: 'form' | 'nothing' = 'nothing'): Promise<void> {
  const answered: Step[] = [];
  for (;;) {
    const asked = steps.filter((step) => step.applies());
    const step = asked.find((candidate) => !answered.includes(candidate));
    if (step === undefined) return;
    try {
      await step.ask({
        step: asked.indexOf(step) + 1,
        totalSteps: asked.length,
        back: answered.length > 0 || before === 'form',
      });
      answered.push(step);
    } catch (error) {
      if (!(error instanceof SteppedBack) || answered.pop() === undefined) throw error;
    }
  }
}

/** A modal question before what cannot be undone; `confirmed` stands for its answer. */
export async function confirm(
  confirmed: true | undefined,
  question: { readonly message: string; readonly detail: string; readonly verb: string },
): Promise<void> {
  if (!confirmed) await decide(question, [question.verb]);
}

/** A modal question with several answers. Throws `Dismissed` where none of them is given. */
export async function decide(
  { message, detail }: { readonly message: string; readonly detail: string },
  verbs: readonly string[],
): Promise<string> {
  const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...verbs);
  if (answer === undefined) throw new Dismissed();
  return answer;
}
