/** Asks a person for the values of an agent's form, field by field. */
import * as vscode from 'vscode';
import type { FormValues } from '../../../contract/operations/sessions';
import type { FormField, OpenRequest } from '../../../contract/sessions';
import {
  askInSteps,
  choose,
  chooseSome,
  enter,
  type Question,
  type Step,
  type StepPosition,
} from '../../../window/dialogs/ask';
import { oneLine, plain } from '../../../window/dialogs/labels';

type FormRequest = Extract<OpenRequest, { readonly kind: 'question' }>;
type Value = FormValues[string];

/** Throws `Dismissed` where the person gives up. */
export async function enterValues({ title, fields }: FormRequest): Promise<FormValues> {
  const values = new Map<string, Value>();
  const steps = fields.map((field): Step => ({
    applies: () => true,
    ask: async (place) => {
      const value = await enterValue(field, oneLine(title), values.get(field.name), place);
      if (value === undefined) values.delete(field.name);
      else values.set(field.name, value);
    },
  }));
  await askInSteps(steps);
  return Object.fromEntries(values);
}

async function enterValue(
  field: FormField,
  title: string,
  before: Value | undefined,
  place: StepPosition,
): Promise<Value | undefined> {
  const { kind, isRequired, choices = [] } = field;
  const question: Question = {
    title,
    placeholder: oneLine([field.title, field.description ?? ''].filter((text) => text.trim() !== '').join(' · ')),
  };
  switch (kind) {
    case 'boolean': {
      const items = [
        { label: vscode.l10n.t('Yes'), value: true },
        { label: vscode.l10n.t('No'), value: false },
      ];
      return await choose(question, items, place);
    }
    case 'choice': {
      const items = choices.map(({ value, title: label }) => ({ label: plain(label), value }));
      const none = isRequired ? [] : [{ label: vscode.l10n.t('No answer'), value: undefined }];
      return await choose<string | undefined>(question, [...items, ...none], place);
    }
    case 'choices': {
      const items = choices.map(({ value, title: label }) => ({ label: plain(label), value }));
      const values = Array.isArray(before) ? before : [];
      const problem = (chosen: readonly string[]): string | undefined =>
        isRequired && chosen.length === 0 ? vscode.l10n.t('Select at least one.') : undefined;
      return await chooseSome({ ...question, values, problem }, items, place);
    }
    case 'text':
    case 'number':
    case 'integer': {
      const problem = (text: string): string | undefined => textProblem(field, text.trim());
      const value = before === undefined ? '' : String(before);
      const text = (await enter({ ...question, value, problem }, place)).trim();
      if (text === '') return isRequired && kind === 'text' ? text : undefined;
      return kind === 'text' ? text : Number(text);
    }
  }
}

function textProblem({ kind, isRequired }: FormField, text: string): string | undefined {
  if (text === '') return isRequired ? vscode.l10n.t('Enter a value.') : undefined;
  if (kind === 'number' && !Number.isFinite(Number(text))) return vscode.l10n.t('Enter a number.');
  if (kind === 'integer' && !Number.isInteger(Number(text))) return vscode.l10n.t('Enter a whole number.');
  return undefined;
}
